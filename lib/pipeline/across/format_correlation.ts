import { type Correlation, CORRELATION_TIERS } from "../../model/correlation.ts";
import { printable } from "../../model/printable.ts";
import { readActivityVerdicts } from "../../store/activities.ts";
import { readWideRows } from "../../store/frame.ts";
import { readContradictions } from "../../store/correlations.ts";
import type { Store } from "../../store/store.ts";

const MAX_CELL = 200;

/**
 * One correlation as Markdown to paste into a ticket: both sessions beside each other, what was held
 * against what, and what contradicts it. Names come from the sessions' logs: they stand in code spans
 * without any character that Markdown, HTML or a terminal would act on.
 */
export function formatCorrelation(store: Store, correlation: Correlation): string {
  const rows = new Map(
    [...readWideRows(store, { subjects: correlation.sessions })].map((
      row,
    ) => [row.subject_id, row]),
  );
  const both = correlation.sessions.map((id) => rows.get(id));
  const cells = (name: string) => both.map((row) => code(row?.[name])).join(" | ");
  const contradictions = correlation.sessions.flatMap((sessionId) =>
    readContradictions(store, { sessionId })
  ).filter(({ sessions }) => sessions.every((id) => correlation.sessions.includes(id)));
  const told = [...new Map(contradictions.map((each) => [each.id, each])).values()];
  return [
    `### Correlation ${correlation.id.slice(0, 12)}: ${correlation.tier}`,
    "",
    `${whose(correlation)} beside each other on two substrates. ` +
    `Score ${correlation.score} of 1: overlap ${correlation.overlap}, agreement ${
      correlation.agreement ?? "not measured"
    }. Tiers are ${CORRELATION_TIERS.join(", ")}; the score says how alike the sessions are, not ` +
    "how likely one operator is.",
    "",
    "| | first | second |",
    "| --- | --- | --- |",
    `| session | ${correlation.sessions.map(code).join(" | ")} |`,
    ...["substrate", "principal", "login", "target", "driver", "started_at", "ended_at"].map((
      name,
    ) => `| ${name.replace("_at", "")} | ${cells(name)} |`),
    `| verdict | ${both.map(verdict).join(" | ")} |`,
    `| verdict on its activity | ${
      correlation.sessions.map((id) => activityVerdict(store, id)).join(" | ")
    } |`,
    "",
    ...evidenceLines(correlation).map((line) => `- ${line}`),
    ...told.map(({ kind, atMs, evidence }) =>
      `- **contradiction** ${kind} at ${new Date(atMs).toISOString()}: ${
        Object.entries(evidence).map(([name, value]) => `${name} ${round(value)}`).join(", ")
      }`
    ),
    "",
  ].join("\n");
}

function whose({ identity, otherIdentity }: Correlation): string {
  return otherIdentity === null
    ? `Two sessions of ${code(identity)}`
    : `A session of ${code(identity)} and one of ${code(otherIdentity)}`;
}

function evidenceLines({ evidence, overlapSeconds, otherIdentity }: Correlation): string[] {
  const { nested, driver, address, tool, gapSeconds, vouched } = evidence;
  const same = (value: number) => value === 1 ? "the same" : "different";
  return [
    gapSeconds > 0
      ? `${round(gapSeconds)} s lie between them`
      : `${round(overlapSeconds)} s of them lie beside each other`,
    ...nested === null
      ? []
      : [`${nested.matched} of ${nested.of} cloud commands on the terminal show as API calls`],
    ...driver === null ? [] : [`verdicts are alike to ${round(driver)} of 1`],
    ...address === null ? [] : [
      nested === null
        ? `source addresses are ${same(address)}`
        : `the calls came from ${
          address === 1 ? "the host, or where it was used from" : "elsewhere"
        }`,
    ],
    ...tool === null ? [] : [`agent tools named are ${same(tool)}`],
    ...otherIdentity === null ? [] : ["they are two identities': never more than low"],
    ...vouched ? [] : ["one principal's name was chosen by whoever acted: at most medium"],
  ];
}

function verdict(row: Readonly<Record<string, unknown>> | undefined): string {
  const type = row?.["operator_type"];
  if (typeof type !== "string") return "none";
  const confidence = row?.["confidence"];
  return typeof confidence === "number" ? `${type} ${confidence.toFixed(2)}` : type;
}

/** What the sessions together were judged to be that this one is part of. */
function activityVerdict(store: Store, sessionId: string): string {
  const [activity] = readActivityVerdicts(store, sessionId);
  if (activity === undefined) return "–";
  return `${verdict({ ...activity })}, ${activity.sessions} sessions ${
    activity.relation ?? "together"
  }`;
}

/** A text in a code span that stays one, whatever it holds. */
function code(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  const text = printable(String(value).slice(0, MAX_CELL)).replace(/[`|\\<>&[\]]/g, (char) => {
    return `\u00b7${char.charCodeAt(0).toString(16)}\u00b7`;
  });
  return `\`${text}\``;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
