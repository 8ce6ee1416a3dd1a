import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { AcrossCost } from "./across_reader.ts";
import { type AcrossStore, fillAcrossStore } from "./across_store.ts";
import { table } from "./measure.ts";
import type { Targets } from "./targets.ts";

const MIB = 1024 * 1024;
const TARGET = 5;
const READER = fileURLToPath(new URL("./across_reader.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/**
 * Sessions of many identities correlated through stores, each by a process of its own, against
 * reading the same rows sorted: a table. The last line is one identity with all of its sessions open
 * at once.
 */
export async function benchAcrossStores(
  folder: string,
  { sessions, hostile, targets }: {
    sessions: readonly number[];
    hostile: number;
    targets: Targets;
  },
): Promise<string> {
  const rows: string[][] = [];
  const plans: AcrossStore[] = [
    ...sessions.map((count) => ({ sessions: count })),
    { sessions: hostile, atOnce: true },
  ];
  for (const plan of plans) {
    const path = join(folder, "across.sqlite");
    fillAcrossStore(path, plan);
    const cost = await costOf(path);
    for (const end of ["", "-wal", "-shm", ".key"]) {
      await Deno.remove(path + end).catch(() => {});
    }
    if (!plan.atOnce) {
      const times = cost.firstMs / cost.sortedMs;
      const what = `${plan.sessions / 1e6} M stored sessions correlated, in times of reading them`;
      targets.atMost(what, times, TARGET);
    }
    const ratio = (ms: number) => plan.atOnce ? "–" : (ms / cost.sortedMs).toFixed(2);
    rows.push([
      `${plan.sessions / 1e6} M${plan.atOnce ? " of one identity, all at once" : ""}`,
      ...[cost.correlations, cost.leftOut].map(String),
      ...[cost.sortedMs, cost.firstMs, cost.againMs].map((ms) => `${(ms / 1000).toFixed(1)} s`),
      ...[ratio(cost.firstMs), ratio(cost.againMs), plan.atOnce ? "–" : TARGET.toFixed(2)],
      `${(cost.firstMs / plan.sessions).toFixed(3)} ms`,
      `${(cost.peakBytes / MIB).toFixed(0)} MiB`,
    ]);
  }
  const head = ["sessions", "correlations", "left out", "sorted read", "correlate", "again"];
  return table([...head, "ratio", "again", "target", "a session", "peak"], rows);
}

async function costOf(path: string): Promise<AcrossCost> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", CONFIG, READER, path],
    stderr: "inherit",
  }).output();
  if (code !== 0) throw new Error(`The correlation ended with ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
