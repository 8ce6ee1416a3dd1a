/**
 * Measures speed and memory on inputs that it writes itself, each against a baseline of the same
 * run, and prints tables, at the end one of all targets: status 1 where one was missed. `--quick`
 * takes smaller inputs and fewer rounds; `--only TEXT` the parts whose title has the text.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { benchAcross } from "./across.ts";
import { benchAcrossStores } from "./across_sqlite.ts";
import { benchArchiveMemory, benchArchives } from "./archives.ts";
import { benchFolder } from "./folder.ts";
import { benchFrames } from "./frames.ts";
import { benchGlue } from "./glue.ts";
import { benchMemory } from "./memory.ts";
import { benchPullMemory } from "./memory_pull.ts";
import { benchPipeline } from "./pipeline.ts";
import { benchRules } from "./rules.ts";
import { benchSpeed } from "./speed.ts";
import { Targets } from "./targets.ts";

const MIB = 1024 * 1024;

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string", default: "" } },
});
const scale = values.quick
  ? {
    ...{ rounds: 3, shapeBytes: 12 * MIB, fileBytes: 12 * MIB, files: 8, largeBytes: 128 * MIB },
    ...{ sessions: [100, 1_000], minuteRows: [0.5e6, 2e6] },
    acrossSessions: [0.05e6, 0.2e6],
    storedSessions: [0.02e6, 0.1e6],
    ...{ archiveBytes: 48 * MIB, largeArchiveBytes: 256 * MIB },
    ...{ ruleSessions: 20_000, frameSessions: 100_000, tenants: [1, 10] },
  }
  : {
    ...{ rounds: 5, shapeBytes: 48 * MIB, fileBytes: 24 * MIB, files: 24, largeBytes: 1024 * MIB },
    ...{ sessions: [100, 1_000, 10_000], minuteRows: [1e6, 3e6, 10e6] },
    acrossSessions: [0.1e6, 1e6],
    storedSessions: [0.1e6, 1e6],
    ...{ archiveBytes: 256 * MIB, largeArchiveBytes: 2048 * MIB },
    ...{ ruleSessions: 100_000, frameSessions: 1_000_000, tenants: [1, 10, 100] },
  };

const folder = await Deno.makeTempDir({ prefix: "bench-" });
const targets = new Targets();
const { rounds } = scale;
const began = performance.now();

/** A part of the bench: its title, and what prints its tables. */
const parts: [title: string, tables: () => Promise<string>][] = [
  [
    "Decoding with all features against a streaming inflate, in processor time",
    () => benchSpeed(folder, { rounds, inflatedBytes: scale.shapeBytes, targets }),
  ],
  [
    "A folder of recordings: a warm pool of one worker against a warm pool of two",
    () => benchFolder(folder, { ...scale, targets }),
  ],
  [
    "Minute rows of API calls glued to sessions, in memory on one thread",
    () => benchGlue({ rounds, rows: scale.minuteRows, targets }),
  ],
  [
    "Sessions of one identity held against each other, against sorting them",
    () => benchAcross({ rounds, sessions: scale.acrossSessions, hostile: 0.1e6, targets }),
  ],
  [
    "The same through stores, in processor time, against reading the sessions sorted",
    () => benchAcrossStores(folder, { sessions: scale.storedSessions, hostile: 0.02e6, targets }),
  ],
  [
    "Archives of API calls, against DuckDB's own scan of the same columns, in processor time",
    () => benchArchives(folder, { rounds, inflatedBytes: scale.archiveBytes, targets }),
  ],
  [
    "Peak memory of a process that reads a large archive of API calls",
    () => benchArchiveMemory(folder, { bytes: scale.largeArchiveBytes, targets }),
  ],
  [
    "The rules over a store, against bare SELECT and bare CEL; a sweep of 50 points",
    () => benchRules(folder, { rounds: 3, sessions: scale.ruleSessions, targets }),
  ],
  [
    "A frame of sessions, against the bare SELECT of its columns, in processor time",
    () => benchFrames(folder, { rounds: 3, sessions: scale.frameSessions, targets }),
  ],
  [
    "Peak memory of a process that reads one recording",
    () => benchMemory(folder, { largeBytes: scale.largeBytes, targets }),
  ],
  [
    "Peak memory of a process that pulls a tenant from Athena and S3",
    () => benchPullMemory(folder, { sessions: scale.sessions, targets }),
  ],
  [
    "The verb `run` over generated tenants, and what its steps take",
    () => benchPipeline(folder, { sizes: scale.tenants, rounds: 3, targets }),
  ],
];

try {
  const asked = parts.filter(([title]) => title.includes(values.only));
  if (asked.length === 0) throw new Error(`No part of the bench has "${values.only}" in its title`);
  for (const [title, tables] of asked) console.log(`${title}\n\n${await tables()}\n`);
  const minutes = ((performance.now() - began) / 60_000).toFixed(0);
  console.log(`All targets, after ${minutes} minutes\n\n${targets.table()}`);
} finally {
  await Deno.remove(folder, { recursive: true });
}
Deno.exitCode = targets.missed === 0 ? 0 : 1;
