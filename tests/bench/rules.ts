import { fileURLToPath } from "node:url";
import { classify, columnsOf } from "../../lib/phase1/classify.ts";
import { judge } from "../../lib/phase1/judge.ts";
import { loadPack } from "../../lib/phase1/pack.ts";
import { paramsOf } from "../../lib/phase1/parameters.ts";
import type { RulePack } from "../../lib/phase1/rule.ts";
import { sweep } from "../../lib/phase1/sweep.ts";
import { frameColumns, frameLots, readWideRows } from "../../lib/store/frame.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { bareRow, bareRules, fires } from "./bare_cel.ts";
import { measure, table } from "./measure.ts";
import { fillStore } from "./sessions_store.ts";
import type { Targets } from "./targets.ts";

const RULES = fileURLToPath(new URL("../../rules", import.meta.url));

/** What the packs may cost, in times of what they cannot do without. */
const PACK_TARGET = 2;
/** What a sweep of 50 points may cost, in times of one evaluation. */
const SWEEP_TARGET = 3;

/** The packs over a store against bare SELECT and bare CEL, and a sweep against one evaluation. */
export async function benchRules(
  folder: string,
  { rounds, sessions, targets }: { rounds: number; sessions: number; targets: Targets },
): Promise<string> {
  const path = `${folder}/sessions.sqlite`;
  await fillStore(path, sessions);
  using store = openStore(path, { readOnly: true });
  const pack = await loadPack(RULES);
  const how = { rounds, targets };
  return `${await benchPacks(store, pack, how)}\n\n${await benchSweep(store, pack, how)}`;
}

type How = { rounds: number; targets: Targets };

/**
 * Select: the columns that the rules read, as arrays, nothing done with them. CEL: every rule's
 * `applies` and `when` on rows made beforehand in which nothing is missing. Packs: all that
 * `classify --dry-run` does, from the store to the counts, with evidence and what was missing.
 */
async function benchPacks(
  store: Store,
  pack: RulePack,
  { rounds, targets }: How,
): Promise<string> {
  const wanted = new Set([...columnsOf(pack), "subject_id", "labels"]);
  const columns = frameColumns(store).filter((name) => wanted.has(name));
  const bare = await bareRules(RULES);
  const reads = new Set(pack.rules.flatMap((rule) => rule.reads));
  const rows = [...readWideRows(store, { columns })].map((row) => bareRow(row, reads));
  const { select, cel, packs } = await measure({
    select() {
      let n = 0;
      for (const lot of frameLots(store, { columns, query: {}, lot: 2_000 })) n += lot.length;
      return n;
    },
    cel: () => rows.reduce((fired, row) => fired + fires(bare, row), 0),
    packs: () => classify(store, pack, { now: new Date(0), dryRun: true }).subjects,
  }, { rounds });
  const ratio = packs.ms / (select.ms + cel.ms);
  targets.atMost("the rules, in times of SELECT and CEL", ratio, PACK_TARGET);
  return table(["sessions", "rules", "bare SELECT", "bare CEL", "packs", "ratio", "target"], [[
    String(packs.result),
    String(pack.rules.length),
    ...[select, cel, packs].map(({ ms }) => `${ms.toFixed(0)} ms`),
    ratio.toFixed(2),
    PACK_TARGET.toFixed(1),
  ]]);
}

/** The parameter that most rules read, over 50 values; both over rows in memory. */
async function benchSweep(
  store: Store,
  pack: RulePack,
  { rounds, targets }: How,
): Promise<string> {
  const rows = [...readWideRows(store, { kind: "session" })].map((row) => ({
    ...{ subjectId: row.subject_id, truth: "", group: "", facets: {}, sessions: [row.subject_id] },
    ...{ row, segments: [] },
  }));
  const readers = (name: string) =>
    pack.verdictRules.filter((rule) => paramsOf(rule).includes(name)).length;
  const [name = ""] = [...pack.params.keys()].sort((a, b) => readers(b) - readers(a));
  const { one, fifty } = await measure({
    one: () => judge(pack, rows).length,
    fifty: () => sweep(pack, rows, [{ name }]).length,
  }, { rounds });
  const ratio = fifty.ms / one.ms;
  targets.atMost("a sweep of 50 points, in times of one", ratio, SWEEP_TARGET);
  return table(
    ["swept", "rules that read it", "points", "one evaluation", "sweep", "ratio", "target"],
    [[
      name,
      String(readers(name)),
      String(fifty.result),
      ...[one, fifty].map(({ ms }) => `${ms.toFixed(0)} ms`),
      ratio.toFixed(2),
      SWEEP_TARGET.toFixed(1),
    ]],
  );
}
