import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { type ApiSourceConfig, configSchema } from "../../../lib/config/config.ts";
import type { ApiClients } from "../../../lib/pipeline/api/open_api_source.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { eager } from "../../sources/eager.ts";

/** The bucket and table that a tree is served as. */
export const TRAIL_BUCKET = "trail-x";
export const TRAIL_NAME = "cloudtrail_logs";

/** A store in a folder with the key of all in this module: names have the same hashes in each. */
export async function keyedStore(folder: string, name: string): Promise<Store> {
  const path = join(folder, `${name}.sqlite`);
  await Deno.writeFile(`${path}.key`, new Uint8Array(32).fill(7), { mode: 0o600 });
  return openStore(path);
}

const EAGER = eager(3);
const CREDENTIALS = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };

/** A source of kind `aws`, as its configuration has it. */
export function awsSource(source: Record<string, unknown>): ApiSourceConfig {
  const [found] = configSchema.parse({ sources: [{ kind: "aws", ...source }] }).sources;
  if (found?.kind !== "aws") throw new TypeError("not aws");
  return found;
}

/** The table of a tree, as its configuration has it. */
export function trailSource(
  { partitions, ...more }: Record<string, unknown> = {},
): ApiSourceConfig {
  return awsSource({
    athena: {
      ...{ region: "eu-west-1", workgroup: "research", database: "logs", table: TRAIL_NAME },
      output: "s3://results-x/",
      partitions: partitions ?? { account: "account", region: "region", day: "timestamp" },
    },
    ...more,
  });
}

/** Clients of the loopback servers. */
export function clientsOf(
  { athena, s3 }: { athena?: { endpoint: string }; s3?: { endpoint: string } },
): ApiClients {
  return {
    ...(athena && {
      athena: {
        ...{ endpoint: athena.endpoint, credentials: CREDENTIALS, policy: EAGER },
        poll: { firstMs: 0, longestMs: 0 },
      },
    }),
    ...(s3 && {
      s3: {
        ...{ endpoint: s3.endpoint, pathStyle: true, credentials: CREDENTIALS, retry: EAGER },
        region: "eu-west-1",
      },
    }),
  };
}

/** Copies the files of a tree that are whole: Athena fails at any other. */
export async function copyWhole(from: string, to: string): Promise<void> {
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) await copyWhole(source, target);
    else if (entry.name.endsWith(".json.gz") && await isWhole(source)) {
      await Deno.mkdir(to, { recursive: true });
      await Deno.copyFile(source, target);
    }
  }
}

async function isWhole(path: string): Promise<boolean> {
  try {
    JSON.parse(new TextDecoder().decode(gunzipSync(await Deno.readFile(path))));
    return true;
  } catch {
    return false;
  }
}

/** A trail's small tree below a folder: one file of two calls, delivered ten minutes later. */
export async function writeSmallTrail(
  folder: string,
  content: unknown = {
    Records: ["00", "02"].map((minute) => ({
      ...{ eventTime: `2026-03-10T09:${minute}:00Z`, eventID: `e${minute}` },
      userIdentity: { type: "IAMUser", arn: "arn:aws:iam::111122223333:user/ana" },
      ...{ eventSource: "iam.amazonaws.com", eventName: "ListUsers", userAgent: "aws-cli/2" },
    })),
  },
): Promise<void> {
  const at = join(folder, "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/10");
  await Deno.mkdir(at, { recursive: true });
  const name = "111122223333_CloudTrail_eu-west-1_20260310T0910Z_x.json.gz";
  await Deno.writeFile(join(at, name), gzipSync(JSON.stringify(content)));
}
