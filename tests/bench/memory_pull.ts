import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeTenant } from "../soak/tenant.ts";
import { openAthenaServer } from "../sources/loopback/athena_server.ts";
import { startS3Server } from "../sources/loopback/s3_server.ts";
import { table } from "./measure.ts";

const MIB = 1024 * 1024;
const READER = fileURLToPath(new URL("./pull_reader.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** V8 lets garbage lie while there is room; so it may not, and what is left is what is held. */
const KEPT_SHORT = "--max-semi-space-size=4,--max-old-space-size=96";

/**
 * Peak memory of processes that pull tenants of several sizes from Athena and S3, as V8 comes and
 * with its collector kept short: a table.
 */
export async function benchPullMemory(
  folder: string,
  { sessions }: { sessions: readonly number[] },
): Promise<string> {
  const rows: string[][] = [];
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
    const short = await pull(join(at, "short.sqlite"), {
      env,
      flags: [`--v8-flags=${KEPT_SHORT}`],
    });
    rows.push([
      ...[free.sessions, free.recordings].map(String),
      ...[free.peakBytes, short.peakBytes].map((bytes) => `${(bytes / MIB).toFixed(0)} MiB`),
    ]);
    await Deno.remove(at, { recursive: true });
  }
  return table(["sessions", "recordings", "peak", "peak, collector kept short"], rows);
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
