import { join } from "node:path";
import {
  type AthenaFault,
  type AthenaServer,
  openAthenaServer,
} from "../sources/loopback/athena_server.ts";
import { PASSING_FAULTS, type S3Server, startS3Server } from "../sources/loopback/s3_server.ts";
import { differences, shareKey, tablesOf, taskFlags } from "./compared_stores.ts";
import { seeded } from "../seeded.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { endOf } from "./kill_after.ts";
import { type Tenant, writeTenant } from "./tenant.ts";

/** How many pulls are killed, of how large a tenant. */
interface KilledPullsOptions {
  sessions: number;
  kills: number;
  seed: number;
}

/** What became of them. */
interface KilledPullsReport extends KilledReport, Pick<Tenant, "sessions" | "recordings"> {}

/** What became of pulls that were disturbed. */
interface KilledReport {
  seed: number;
  /** Length of the undisturbed pull, and of its start until the first request. */
  calmMs: number;
  startMs: number;
  /** Milliseconds after their start when pulls were killed, in turn. */
  killedAfterMs: number[];
  /** Requests and faults of the disturbed pulls, and of the undisturbed one. */
  requests: { calm: number; disturbed: number; faulty: number };
  /** Rows of the tables that were compared. */
  rows: number;
  /** What is not as the undisturbed pull left it; empty: nothing. */
  differences: string[];
}

/** What is pulled, and from where. */
interface Disturbed {
  /** The configuration behind the store's line. */
  config: string;
  /** What follows `pull`. */
  args: readonly string[];
  athena: AthenaServer;
  s3: S3Server;
}

const FAULTY_SHARE = 0.05;
const ATHENA_FAULTS: readonly AthenaFault[] = [
  { kind: "error", status: 400, type: "ThrottlingException", message: "Rate exceeded" },
  { kind: "error", status: 500, type: "InternalServerException" },
  { kind: "cut" },
  { kind: "slow", ms: 20 },
];

/**
 * Pulls a tenant undisturbed; then with random faults, killed at random moments that are spread
 * over the length of the undisturbed pull, each time started again; then compares all tables. The
 * pulls are processes of the real command line, under the flags of its task.
 */
export async function killPulls(options: KilledPullsOptions): Promise<KilledPullsReport> {
  using folder = temporaryFolder();
  return await killIn(folder.path, options);
}

async function killIn(
  folder: string,
  { sessions, ...options }: KilledPullsOptions,
): Promise<KilledPullsReport> {
  const tenant = await writeTenant(join(folder, "tenant"), { sessions });
  await using athena = await openAthenaServer({ events: tenant.events });
  await using s3 = await startS3Server({ bucket: BUCKET, folder: tenant.folder });
  const args = ["teleport", "--since", "2026-03-10", "--until", "2026-03-13"];
  const report = await disturb(folder, { ...options, config: CONFIG, args, athena, s3 });
  return { ...report, sessions: tenant.sessions, recordings: tenant.recordings };
}

/** Pulls undisturbed and then disturbed, as {@link killPulls} does, into stores in a folder. */
export async function disturb(
  folder: string,
  { kills, seed, ...pulled }: Disturbed & Pick<KilledPullsOptions, "kills" | "seed">,
): Promise<KilledReport> {
  const { athena, s3 } = pulled;
  const requests = () => athena.requests.length + s3.requests.length;
  const env = {
    ...{ AWS_ENDPOINT_URL_ATHENA: athena.endpoint, AWS_ENDPOINT_URL_S3: s3.endpoint },
    ...{ AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "secret" },
    ...{ AWS_EC2_METADATA_DISABLED: "true", NO_COLOR: "1" },
  };
  const how = { ...pulled, env, requests };
  const calm = await startPull(folder, { name: "calm", ...how });
  const calmRequests = requests();
  await calm.succeeded();

  const chance = seeded(seed);
  let faulty = 0;
  const inTurn = <T>(faults: readonly T[]) => () =>
    chance() < FAULTY_SHARE ? faults[faulty++ % faults.length]! : null;
  athena.fault = inTurn(ATHENA_FAULTS);
  s3.fault = inTurn(PASSING_FAULTS);
  await shareKey(folder);
  const { startMs, lengthMs: calmMs } = calm;
  const killedAfterMs: number[] = [];
  for (const sliceMs of slices({ kills, lengthMs: 0.9 * (calmMs - startMs), chance })) {
    // what is left may take less than the slice: then it is killed earlier
    for (let afterMs = startMs + sliceMs;; afterMs = startMs + chance() * (afterMs - startMs)) {
      const pull = await startPull(folder, { name: "killed", afterMs, ...how });
      if (!pull.killed) {
        await pull.succeeded();
        continue;
      }
      killedAfterMs.push(Math.round(afterMs));
      break;
    }
  }
  const last = await startPull(folder, { name: "killed", ...how });
  await last.succeeded();
  const expected = tablesOf(join(folder, "calm.sqlite"));
  const found = tablesOf(join(folder, "killed.sqlite"));
  return {
    ...{ seed, killedAfterMs, calmMs: Math.round(calmMs), startMs: Math.round(startMs) },
    requests: { calm: calmRequests, disturbed: requests() - calmRequests, faulty },
    rows: [...expected.values()].reduce((sum, rows) => sum + rows.length, 0),
    differences: differences(expected, found),
  };
}

/** How long each pull may work: random moments within a length, and the times between them. */
function slices(
  { kills, lengthMs, chance }: { kills: number; lengthMs: number; chance: () => number },
): number[] {
  const moments = Array.from({ length: kills }, () => chance() * lengthMs).sort((a, b) => a - b);
  return moments.map((moment, i) => moment - (moments[i - 1] ?? 0));
}

const BUCKET = "longterm-x";
const CONFIG = `sources:
  - kind: teleport
    events:
      athena:
        { region: eu-west-1, workgroup: w, database: audit, table: teleport_events, output: s3://transient/results }
    recordings: { s3: s3://${BUCKET}/sessions }
`;

interface Pull {
  killed: boolean;
  /** From the start to the first request, and to the end. */
  startMs: number;
  lengthMs: number;
  /** Throws with what it said where it did not end well. */
  succeeded(): Promise<void>;
}

async function startPull(
  folder: string,
  { name, env, requests, afterMs, ...pulled }: Pick<Disturbed, "config" | "args"> & {
    name: string;
    env: Record<string, string>;
    requests: () => number;
    /** When it is killed. */
    afterMs?: number;
  },
): Promise<Pull> {
  const config = join(folder, `${name}.yaml`);
  await Deno.writeTextFile(config, `store: ${join(folder, `${name}.sqlite`)}\n${pulled.config}`);
  const before = requests();
  const began = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [...await taskFlags(), "pull", ...pulled.args, "--config", config],
    ...{ env, stdin: "null", stdout: "null", stderr: "piped" },
  }).spawn();
  let startMs = 0;
  const watch = setInterval(() => {
    if (startMs === 0 && requests() > before) startMs = performance.now() - began;
  }, 5);
  const { code, killed, said } = await endOf(child, afterMs);
  clearInterval(watch);
  const lengthMs = performance.now() - began;
  return {
    ...{ killed, startMs, lengthMs },
    succeeded() {
      // 3: some inputs were left out, as the fixtures want it
      const isGood = code === 0 || code === 3;
      return isGood ? Promise.resolve() : Promise.reject(new Error(`A pull failed: ${said}`));
    },
  };
}

/** The report as lines of text. */
export function formatKilledPulls(report: KilledReport & Partial<KilledPullsReport>): string {
  const { requests, killedAfterMs, differences, sessions, recordings } = report;
  return [
    `Seed:     ${report.seed}`,
    ...(sessions === undefined ? [] : [`Tenant:   ${sessions} sessions, ${recordings} recordings`]),
    `Pull:     ${report.calmMs} ms undisturbed, ${report.startMs} of them until the first request`,
    `Killed:   ${killedAfterMs.length} times, after ${killedAfterMs.join(", ")} ms`,
    `Requests: ${requests.calm} undisturbed, ${requests.disturbed} disturbed; ` +
    `${requests.faulty} faults`,
    `Rows:     ${report.rows} compared, ${differences.length} tables differ`,
    ...differences,
  ].join("\n");
}
