import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeTenant } from "../soak/tenant.ts";
import { openAthenaServer } from "../sources/loopback/athena_server.ts";
import { startS3Server } from "../sources/loopback/s3_server.ts";
import { table } from "./measure.ts";
import type { Targets } from "./targets.ts";

const MIB = 1024 * 1024;
const READER = fileURLToPath(new URL("./pull_reader.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What a larger tenant may take, in times of the smallest. */
const TARGET = 1.5;

/** V8 lets garbage lie while there is room; the tasks say how much room that is. */
const TASK_FLAGS = taskFlags();

/**
 * Peak memory of processes that pull tenants of several sizes from Athena and S3, as V8 comes and
 * with the flags of the task, there also against the first: a table.
 */
export async function benchPullMemory(
  folder: string,
  { sessions, targets }: { sessions: readonly number[]; targets: Targets },
): Promise<string> {
  const rows: string[][] = [];
  let first = NaN;
  for (const wanted of sessions) {
    const at = join(folder, `tenant-${wanted}`);
    const tenant = await writeTenant(at, { sessions: wanted });
    await using athena = await openAthenaServer({ events: tenant.events });
    await using s3 = await startS3Server({ bucket: "longterm-x", folder: tenant.folder });
    const env = {
      ...{ AWS_ENDPOINT_URL_ATHENA: athena.endpoint, AWS_ENDPOINT_URL_S3: s3.endpoint },
      ...{ AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" },
    };
    const free = await pull(join(at, "free.sqlite"), { env, flags: [] });
    const short = await pull(join(at, "short.sqlite"), { env, flags: TASK_FLAGS });
    if (Number.isNaN(first)) first = short.peakBytes;
    const ratio = short.peakBytes / first;
    if (ratio !== 1) {
      targets.atMost(
        `${wanted} sessions pulled, in times of the memory of ${sessions[0]}`,
        ratio,
        TARGET,
      );
    }
    rows.push([
      ...[free.sessions, free.recordings].map(String),
      ...[free.peakBytes, short.peakBytes].map((bytes) => `${(bytes / MIB).toFixed(0)} MiB`),
      ratio.toFixed(2),
      TARGET.toFixed(1),
    ]);
    await Deno.remove(at, { recursive: true });
  }
  return table(["sessions", "recordings", "peak of V8", "of the task", "ratio", "target"], rows);
}

async function pull(
  store: string,
  { env, flags }: { env: Record<string, string>; flags: readonly string[] },
): Promise<{ sessions: number; recordings: number; peakBytes: number }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...flags, "--config", CONFIG, READER, store],
    ...{ env, stderr: "inherit" },
  }).output();
  if (code !== 0) throw new Error(`The pull ended with ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** What the task hands to V8. */
export function taskFlags(): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(CONFIG));
  const flags = /--v8-flags=\S+/.exec(tasks.shellscope.command);
  if (flags === null) throw new Error("The task hands no flags to V8");
  return [flags[0]];
}
