import { toLabelValue } from "../../model/label.ts";
import type { TeleportFacts } from "../../model/teleport_facts.ts";
import type { ImportedLabel, RefusedLabels } from "../label_import.ts";

/** The label that a label of a server becomes. */
function targetLabelKey(key: string): string {
  return `teleport.label.${toLabelValue(key)}`;
}

/**
 * What Teleport says of a session, as labels: who acted (`teleport.bot-name`,
 * `teleport.impersonator`), `teleport.trusted-device`, the number of `teleport.access-requests`,
 * whether it was `teleport.summarized` (`true` or `failed`), and the labels of its target that are
 * to be kept as `teleport.label.<key>`. Names are made valid: other characters become `-`; one of
 * which nothing is left is refused and counted.
 */
export function factLabels(
  facts: TeleportFacts,
  keep: readonly string[],
): { labels: ImportedLabel[]; refused: RefusedLabels } {
  const { bot_name, impersonator, trusted_device, access_requests, summarized } = facts;
  const { target_labels = {} } = facts;
  const said: [key: string, text: string | undefined][] = [
    ["teleport.bot-name", bot_name],
    ["teleport.impersonator", impersonator],
    ["teleport.trusted-device", trusted_device && "true"],
    ["teleport.access-requests", access_requests?.toString()],
    ["teleport.summarized", summarized === undefined ? undefined : summarized ? "true" : "failed"],
    ...keep.filter((key) => Object.hasOwn(target_labels, key))
      .map((key): [string, string | undefined] => [targetLabelKey(key), target_labels[key]]),
  ];
  const labels: ImportedLabel[] = [];
  const refused: RefusedLabels = {};
  for (const [key, text] of said) {
    if (text === undefined || text.trim() === "") continue;
    const value = toLabelValue(text);
    if (value !== "") labels.push({ key, value });
    else refused[`value of ${key} is not valid`] = 1;
  }
  return { labels, refused };
}
