/**
 * Measures speed and memory on inputs that it writes itself, each against a baseline of the same
 * run, and prints tables. `--quick` takes smaller inputs and fewer rounds.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { benchAcross } from "./across.ts";
import { benchAcrossStores } from "./across_sqlite.ts";
import { benchArchiveMemory, benchArchives } from "./archives.ts";
import { benchFolder } from "./folder.ts";
import { benchGlue } from "./glue.ts";
import { benchMemory } from "./memory.ts";
import { benchPullMemory } from "./memory_pull.ts";
import { benchPipeline } from "./pipeline.ts";
import { benchRules } from "./rules.ts";
import { benchSpeed } from "./speed.ts";

const MIB = 1024 * 1024;

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const scale = values.quick
  ? {
    ...{ rounds: 3, shapeBytes: 12 * MIB, fileBytes: 12 * MIB, files: 8, largeBytes: 128 * MIB },
    ...{ sessions: [100, 1_000], minuteRows: [0.5e6, 2e6] },
    acrossSessions: [0.05e6, 0.2e6],
    storedSessions: [0.02e6, 0.1e6],
    ...{ archiveBytes: 48 * MIB, largeArchiveBytes: 256 * MIB },
    tenants: [1, 10],
  }
  : {
    ...{ rounds: 5, shapeBytes: 48 * MIB, fileBytes: 24 * MIB, files: 24, largeBytes: 1024 * MIB },
    ...{ sessions: [100, 1_000, 10_000], minuteRows: [1e6, 3e6, 10e6] },
    acrossSessions: [0.1e6, 1e6],
    storedSessions: [0.1e6, 1e6],
    ...{ archiveBytes: 256 * MIB, largeArchiveBytes: 2048 * MIB },
    tenants: [1, 10, 100],
  };

const folder = await Deno.makeTempDir({ prefix: "bench-" });
try {
  const { rounds } = scale;
  console.log("Decoding with all features against a streaming inflate, in processor time\n");
  console.log(await benchSpeed(folder, { rounds, inflatedBytes: scale.shapeBytes }));
  console.log("\nA folder of recordings: a warm pool of one worker against a warm pool of two\n");
  console.log(
    await benchFolder(folder, { rounds, files: scale.files, fileBytes: scale.fileBytes }),
  );
  console.log("\nMinute rows of API calls glued to sessions, in memory on one thread\n");
  console.log(await benchGlue({ rounds, rows: scale.minuteRows }));
  console.log("\nSessions of one identity held against each other, against sorting them\n");
  console.log(await benchAcross({ rounds, sessions: scale.acrossSessions, hostile: 0.1e6 }));
  console.log(
    "\nThe same through stores, in processor time, against reading the sessions sorted\n",
  );
  console.log(
    await benchAcrossStores(folder, { sessions: scale.storedSessions, hostile: 0.02e6 }),
  );
  console.log("\nArchives of API calls, against DuckDB's own scan of the same columns\n");
  console.log(await benchArchives(folder, { rounds, inflatedBytes: scale.archiveBytes }));
  console.log("\nPeak memory of a process that reads a large archive of API calls\n");
  console.log(await benchArchiveMemory(folder, { bytes: scale.largeArchiveBytes }));
  console.log("\nThe rules over a store, against bare SELECT and bare CEL; a sweep of 50 points\n");
  console.log(
    await benchRules(folder, { rounds: 3, sessions: values.quick ? 20_000 : 100_000 }),
  );
  console.log("\nPeak memory of a process that reads one recording\n");
  console.log(await benchMemory(folder, { largeBytes: scale.largeBytes }));
  console.log("\nPeak memory of a process that pulls a tenant from Athena and S3\n");
  console.log(await benchPullMemory(folder, { sessions: scale.sessions }));
  console.log("\nThe verb `run` over generated tenants, and what its steps take\n");
  console.log(await benchPipeline(folder, { sizes: scale.tenants, rounds: 3 }));
} finally {
  await Deno.remove(folder, { recursive: true });
}
