import { UsageError } from "../../model/errors.ts";
import { printable } from "../../model/printable.ts";
import { mergeStores } from "../../pipeline/merge_stores.ts";
import { formatRows, parseFormat } from "../format.ts";
import { rulesFolder, settingsOf } from "../settings.ts";
import { FORMAT_FLAG, type Verb } from "../verb.ts";

const COLUMNS = [
  ...["store", "added", "same", "replaced", "kept", "minutes", "label_conflicts"],
  "alias_conflicts",
] as const;

/** The stores of several machines, or of several people, as one. */
export const merge: Verb = {
  name: "merge",
  summary: "join stores, such as those of `run --shard`, into one",
  positionals: "STORE…",
  flags: {
    rules: { value: "DIR", help: "rule packs (default: the configuration's, else the kit's own)" },
    format: FORMAT_FLAG,
  },
  async run(call, terminal) {
    const format = parseFormat(call.text("format"));
    if (call.positionals.length === 0) {
      throw new UsageError("merge takes the stores to join into the one of --db");
    }
    const { config } = await settingsOf(call);
    const merged = await mergeStores(config, call.positionals, {
      rules: rulesFolder(call, config),
      now: () => terminal.now(),
      onStep: (text) => terminal.err(`${printable(text)}\n`),
    });
    const rows = merged.map(({ labelConflicts, aliasConflicts, ...row }) => ({
      ...row,
      ...{ label_conflicts: labelConflicts, alias_conflicts: aliasConflicts },
    }));
    terminal.out(formatRows(rows, { columns: COLUMNS, format }));
    return 0;
  },
};
