import { dirname } from "node:path";
import type { Config } from "../config/config.ts";
import { StoreError } from "../model/errors.ts";
import { classify } from "../phase1/classify.ts";
import { loadPack } from "../phase1/pack.ts";
import { requireStore } from "../store/database_file.ts";
import { realPath } from "../store/key_file.ts";
import { type Merged, mergeStore } from "../store/merge.ts";
import { beginRun, finishRun } from "../store/runs.ts";
import { openStore } from "../store/store.ts";
import { correlateSessions } from "./across/correlate.ts";
import { putAcross } from "./across/put_across.ts";
import { putTogether } from "./api/put_together.ts";
import { lockStore } from "./run_lock.ts";

interface MergeOptions {
  /** Folder of the rule packs. */
  rules: string;
  now: () => Date;
  /** Told what is being done, a line a step. */
  onStep?: (text: string) => void;
}

/** What became of one store that was merged. */
interface MergedStore extends Merged {
  store: string;
}

/**
 * Joins stores (those of the shards of a backfill, say) into the configuration's, which is made
 * where it is not there, and puts together and judges anew what goes across sessions. The others
 * are only read. Throws a `StoreError` for one that is no store, of another version, or made with
 * another key.
 */
export async function mergeStores(
  config: Config,
  paths: readonly string[],
  options: MergeOptions,
): Promise<MergedStore[]> {
  const { now, onStep = () => {} } = options;
  const pack = await loadPack(options.rules);
  for (const path of paths) {
    requireStore(path);
    if (realPath(path) === realPath(config.store)) {
      throw new StoreError(`Store "${path}" can't be merged into itself; name another with --db`);
    }
  }
  using _lock = lockStore(config.store, { command: "merge", now: now() });
  takeKey(config.store, paths);
  using into = openStore(config.store, { now });
  const run = beginRun(into, { command: "merge", version: pack.version, now: now() });
  const merged: MergedStore[] = [];
  for (const path of paths) {
    onStep(`Taking ${path}`);
    using from = openStore(path, { readOnly: true });
    merged.push({ store: path, ...mergeStore(into, from, { now: now() }) });
  }
  onStep("Putting together what goes across sessions");
  const { idleThreshold, commandFold } = config.sessions;
  await putTogether(into, {
    ...{ idleMs: idleThreshold * 1000, foldMs: commandFold * 1000, now },
  });
  await putAcross(into, { ...config, now: now() });
  onStep(`Judging by ${pack.version}`);
  classify(into, pack, { now: now(), prior: config.phase1.prior });
  await correlateSessions(into, { ...config, now: now() });
  finishRun(into, run, { outcome: "done", summary: {}, now: now() });
  return merged;
}

// A new store takes the key of the first: its hashes come from there.
function takeKey(store: string, [first]: readonly string[]): void {
  const [to, from] = [`${realPath(store)}.key`, `${realPath(first!)}.key`];
  if (exists(store) || exists(to) || !exists(from)) return;
  Deno.mkdirSync(dirname(to), { recursive: true });
  Deno.writeFileSync(to, Deno.readFileSync(from), { mode: 0o600, createNew: true });
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
