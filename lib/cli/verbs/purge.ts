import { UsageError } from "../../model/errors.ts";
import { printable } from "../../model/printable.ts";
import { lockStore } from "../../pipeline/run_lock.ts";
import { requireStore } from "../../store/database_file.ts";
import {
  countPurge,
  principalsNaming,
  purge,
  type PurgeCounts,
  type PurgeScope,
} from "../../store/purge.ts";
import { openStore } from "../../store/store.ts";
import { formatRows, parseFormat } from "../format.ts";
import { settingsOf, timeFlag } from "../settings.ts";
import { type Call, FORMAT_FLAG, type Terminal, type Verb } from "../verb.ts";

/** Personal data out of the store, and the bytes of it out of the file. */
export const purgeVerb: Verb = {
  name: "purge",
  summary: "remove a principal, or the sessions of a time, from everywhere in the store",
  positionals: "",
  flags: {
    principal: {
      value: "P",
      help: "whose sessions go, as the substrate spells it; or an identity",
    },
    before: { value: "T", help: "sessions that began before this time go" },
    since: { value: "T", help: "with --before: only those that began since" },
    yes: { help: "remove; without it the rows are counted only" },
    format: FORMAT_FLAG,
  },
  async run(call, terminal) {
    const format = parseFormat(call.text("format"));
    const scope = scopeOf(call, terminal);
    const { config } = await settingsOf(call);
    requireStore(config.store);
    using _lock = lockStore(config.store, { command: "purge", now: terminal.now() });
    const removes = call.has("yes");
    const counts = removes ? purge(config.store, scope) : counted(config.store, scope);
    terminal.out(formatRows(rowsOf(counts), { columns: ["table", "rows"], format }));
    terminal.err(`${advice(counts, removes)}\n`);
    using store = openStore(config.store, { readOnly: true });
    const others = "principal" in scope ? principalsNaming(store, scope.principal) : [];
    if (others.length > 0) {
      const names = others.map((name) => `  ${printable(name)}\n`).join("");
      terminal.err(`Other principals have that in their name; name them as well:\n${names}`);
    }
    return 0;
  },
};

function counted(path: string, scope: PurgeScope): PurgeCounts {
  using store = openStore(path);
  return countPurge(store, scope);
}

function scopeOf(call: Call, terminal: Terminal): PurgeScope {
  const principal = call.text("principal");
  const now = terminal.now();
  const before = timeFlag(call, "before", now);
  const since = timeFlag(call, "since", now);
  if ((principal === undefined) === (before === undefined)) {
    throw new UsageError("purge takes --principal P or --before T, one of them");
  }
  if (principal !== undefined) {
    if (since === undefined) return { principal };
    throw new UsageError("--since goes with --before; a principal is removed whole");
  }
  if (since !== undefined && since >= before!) {
    throw new UsageError("--since must lie before --before");
  }
  return { since, before: before! };
}

function rowsOf(counts: PurgeCounts): { table: string; rows: number }[] {
  return Object.entries(counts).map(([table, rows]) => ({ table, rows }));
}

function advice(counts: PurgeCounts, removed: boolean): string {
  if (Object.keys(counts).length === 0) return "The store holds nothing of that";
  if (!removed) return "Nothing is removed yet: add --yes";
  return "Removed; pages and exports made before still hold it, and a pull of its time brings back " +
    "what the sources still have. `correlate` puts together anew what is left";
}
