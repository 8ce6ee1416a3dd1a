import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { gzipSync } from "node:zlib";
import { temporaryFolder } from "../temporary_folder.ts";
import { jsonLines, shellscope } from "./harness.ts";

/** Files in the folder, and how many of them, the first, are of the log. */
const FILES = { gcp: { all: 10_000, logs: 1000 }, aws: { all: 1000, logs: 100 } };
const ODD = [
  ...["a\nb", "\x1b]0;x\x07", "\u202e", "'; DROP TABLE sessions; --", "=1+1", " ", "-", "$1"],
  ...["*", "[a-z]", "?", "{a,b}", "**", "%41", "a\\b", "~", "é", '"', "#", "&amp;<b>"],
];

/** Files below a folder: the first with odd names, the others numbered, and some that are no log's. */
function writeAll(
  folder: string,
  { files, end, content }: {
    files: { all: number; logs: number };
    end: string;
    content: (i: number) => Uint8Array;
  },
): void {
  Deno.mkdirSync(folder, { recursive: true });
  for (let i = 0; i < files.logs; i++) {
    Deno.writeFileSync(join(folder, `${ODD[i] ?? `f${i}`}${end}`), content(i));
  }
  const nothing = new Uint8Array();
  for (let i = files.logs; i < files.all; i++) {
    Deno.writeFileSync(join(folder, `${i}.txt`), nothing);
  }
}

const timeOf = (i: number) => new Date(Date.UTC(2026, 2, 10, 9) + 1000 * (i % 3000)).toISOString();

function entry(i: number): string {
  return JSON.stringify({
    ...{ insertId: `i${i}`, timestamp: timeOf(i) },
    logName: "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
    protoPayload: {
      "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
      ...{ serviceName: "compute.googleapis.com", methodName: "v1.compute.instances.get" },
      authenticationInfo: { principalEmail: "ana@example.com" },
      requestMetadata: { callerIp: "203.0.113.9", callerSuppliedUserAgent: "gcloud/1" },
    },
  });
}

function delivery(i: number): string {
  return JSON.stringify({
    Records: [{
      ...{ eventTime: timeOf(i).replace(/\.\d+/, ""), eventID: `e${i}`, eventName: "ListUsers" },
      ...{ eventSource: "iam.amazonaws.com", awsRegion: "eu-west-1", recipientAccountId: "1" },
      ...{ sourceIPAddress: "203.0.113.9", userAgent: "aws-cli/2" },
      userIdentity: { type: "IAMUser", arn: "arn:aws:iam::1:user/ana" },
    }],
  });
}

Deno.test("pull takes the files of a log of calls out of ten thousand, whatever their names", async () => {
  using folder = temporaryFolder();
  const at = (...names: string[]) => join(folder.path, ...names);
  const bytes = (text: string) => new TextEncoder().encode(text);
  const content = (i: number) => bytes(`${entry(i)}\n${i < ODD.length ? "no entry\n" : ""}`);
  writeAll(at("gcp"), { files: FILES.gcp, end: ".json", content });
  const packed = (i: number) =>
    gzipSync(delivery(i), { level: 1 }).subarray(0, i === 0 ? 40 : undefined);
  writeAll(at("aws"), { files: FILES.aws, end: ".json.gz", content: packed });
  const sources = ["gcp", "aws"].map((kind) => ({ kind, archive: at(kind) }));
  const [config, store] = [at("c.yaml"), at("s.sqlite")];
  await Deno.writeTextFile(config, JSON.stringify({ store, sources }));
  const { status, out, err } = await shellscope(
    ...["pull", "all", "--config", config, "--format", "jsonl"],
  );
  assert.equal(status, 3, err);
  using database = new DatabaseSync(store, { readOnly: true });
  const calls = database.prepare(
    "SELECT source, sum(json_array_length(calls) + calls_omitted) AS n FROM call_minutes GROUP BY 1",
  ).all().map(({ n }) => n);
  assert.deepEqual(calls, [FILES.aws.logs - 1, FILES.gcp.logs]);
  assert.equal(jsonLines(out).length, 2);
  const skips = database.prepare("SELECT reason, count(*) AS uris FROM skips GROUP BY 1 ORDER BY 1")
    .all().map(({ reason, uris }) => [reason, uris]);
  assert.deepEqual(skips, [["file is cut or damaged", 1], ["line is no log entry", ODD.length]]);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(err + out, /[\x00-\x09\x0b-\x1f\u202e]/);
});
