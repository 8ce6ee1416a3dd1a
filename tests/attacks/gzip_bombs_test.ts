import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { encodeEvent, encodeRecord } from "../../fixtures/generate/protostream_writer.ts";
import { startS3Server } from "../sources/loopback/s3_server.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { type Bomb, writeBomb } from "./bomb_files.ts";
import { measuredRun } from "./measured_run.ts";

/**
 * With `LONG_RUNS` all of them, of 10 GB each, a run a reader; without it the first of each reader, of
 * 70 MB, in one run.
 */
const LONG = Deno.env.get("LONG_RUNS") !== undefined;
const BYTES = LONG ? 10e9 : 70e6;
const MAX_PEAK_BYTES = 700e6;

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));
const GCP = "cloudaudit.googleapis.com/activity/2026/03/11";
const AWS = "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/11";
const BUCKET = "trail-x";
const SID = "11111111-1111-4111-a111-111111111111";
const EVENT = { time: "2026-03-11T10:00:00Z", sid: SID, user: "ana", login: "root" };
const START = JSON.stringify({ event: "session.start", uid: "u", ...EVENT });

const entry = (await Deno.readTextFile(`${FIXTURES}/gcp/${GCP}/16:00:00_16:59:59_S0.json`))
  .split("\n", 1)[0]!;
const record = JSON.stringify({
  ...{ eventVersion: "1.08", eventTime: "2026-03-11T10:00:00Z", eventID: "e", eventName: "Get" },
  ...{ eventSource: "s3.amazonaws.com", awsRegion: "eu-west-1", sourceIPAddress: "1.2.3.4" },
  userIdentity: { type: "IAMUser", arn: "arn:aws:iam::111122223333:user/ana" },
});
const cast = '{"version":2,"width":80,"height":24}\n';
const print = encodeRecord(encodeEvent({ event: "print", data: "x", time: EVENT.time }));

const trail = (name: string) => `111122223333_CloudTrail_eu-west-1_20260311T0000Z_${name}.json.gz`;

interface Reader {
  /** The source in the configuration. */
  source: string;
  /** Good data, and the bomb beside it; in the source's folder. */
  good: [path: string, text: string];
  bombs: (Bomb & { path: string })[];
  told: RegExp;
  /** Of the sessions, which the good data are. */
  where: string;
}

const BOMB = "file inflates to more than 100 times its size";

/** Whatever unpacks what somebody else has packed. */
const READERS: Readonly<Record<string, Reader>> = {
  "Cloud Audit Logs in a folder": {
    source: "{ kind: gcp, archive: ./gcp }",
    good: [`gcp/${GCP}/16:00:00_16:59:59_S0.json`, `${entry}\n`],
    bombs: [
      { path: `gcp/${GCP}/16:00:00_16:59:59_S4.json.gz`, unit: " " },
      { path: `gcp/${GCP}/16:00:00_16:59:59_S1.json.gz`, unit: `${entry}\n` },
      { path: `gcp/${GCP}/16:00:00_16:59:59_S2.json.gz`, unit: "{}\n" },
      { path: `gcp/${GCP}/16:00:00_16:59:59_S3.json.gz`, head: "[{}", unit: ",{}", tail: "]" },
    ],
    told: new RegExp(`gcp: ${BOMB}`),
    where: "substrate = 'gcp-cloud-audit'",
  },
  "CloudTrail in a folder": {
    source: "{ kind: aws, archive: ./aws }",
    good: [`aws/${AWS}/good.json`, `{"Records":[${record}]}`],
    bombs: [
      { path: `aws/${AWS}/${trail("c")}`, head: '{"Records":[', unit: " ", tail: "]}" },
      {
        path: `aws/${AWS}/${trail("a")}`,
        ...{ head: `{"Records":[${record}`, unit: `,${record}`, tail: "]}" },
      },
      { path: `aws/${AWS}/${trail("b")}`, head: '{"Records":[{}', unit: ",{}", tail: "]}" },
    ],
    told: new RegExp(`aws: ${BOMB}`),
    where: "substrate = 'aws-cloudtrail' AND principal LIKE '%user/ana'",
  },
  "CloudTrail in a bucket": {
    source: `{ kind: aws, archive: "s3://${BUCKET}/AWSLogs", region: eu-west-1 }`,
    good: [
      `s3/${AWS}/${trail("good").slice(0, -3)}`,
      `{"Records":[${record.replace("ana", "bo")}]}`,
    ],
    bombs: [
      { path: `s3/${AWS}/${trail("c")}`, head: '{"Records":[', unit: " ", tail: "]}" },
      { path: `s3/${AWS}/${trail("a")}`, head: '{"Records":[{}', unit: ",{}", tail: "]}" },
      {
        path: `s3/${AWS}/${trail("b")}`,
        ...{ head: `{"Records":[${record}`, unit: `,${record}`, tail: "]}" },
      },
    ],
    told: new RegExp(`aws: ${BOMB}`),
    where: "substrate = 'aws-cloudtrail' AND principal LIKE '%user/bo'",
  },
  "a server's log": {
    source: "{ kind: teleport, events: { log: ./log }, recordings: { folder: ./none } }",
    good: ["log/2026-03-11.00:00:00.log", `${START}\n`],
    bombs: [
      { path: "log/2026-03-10.00:00:00.log.gz", unit: `${START}\n` },
      { path: "log/2026-03-12.00:00:00.log.gz", unit: "{}\n" },
    ],
    told: new RegExp(`teleport: ${BOMB}`),
    where: `session_id = '${SID}'`,
  },
  "recordings": {
    source: "{ kind: recordings, folder: ./casts }",
    good: ["casts/good.cast", `${cast}[1,"o","x"]\n`],
    bombs: [
      { path: "casts/spaces.cast.gz", head: cast, unit: " " },
      { path: "casts/document.cast.gz", head: '{"version":1,"stdout":[', unit: "[1,2]," },
      { path: "casts/spaces.cast.zst", head: cast, unit: " ", as: "zstd" },
      { path: "casts/line.cast.zst", head: `${cast}[1,"o","`, unit: "x", as: "zstd" },
      { path: `casts/${SID}.tar`, unit: print, as: "part" },
    ],
    // 70 MB of spaces are within what a recording may hold
    told: LONG ? /Recordings\n +failed +4\n/ : /Recordings\n +parsed/,
    where: "substrate = 'asciicast'",
  },
};

async function writeReaders(folder: string, readers: readonly Reader[]): Promise<string> {
  await Deno.mkdir(join(folder, "s3"), { recursive: true });
  for (const { good: [path, text], bombs } of readers) {
    await Deno.mkdir(join(folder, dirname(path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
    for (const { path, ...bomb } of bombs) writeBomb(join(folder, path), { ...bomb, bytes: BYTES });
  }
  const config = join(folder, "shellscope.yaml");
  const sources = readers.map(({ source }) => `  - ${source}\n`).join("");
  await Deno.writeTextFile(config, `store: ./s.sqlite\nsources:\n${sources}`);
  return config;
}

Deno.test("bombs of gzip are refused by each reader, and cost neither memory nor what lies beside them", async (t) => {
  const all = Object.entries(READERS);
  for (const group of LONG ? all.map((one) => [one]) : [all]) {
    const names = group.map(([name]) => name).join(", ");
    await t.step(names, async () => {
      using folder = temporaryFolder();
      const readers = group.map(([, reader]) =>
        LONG ? reader : { ...reader, bombs: reader.bombs.slice(0, 1) }
      );
      const config = await writeReaders(folder.path, readers);
      await using s3 = await startS3Server({ bucket: BUCKET, folder: join(folder.path, "s3") });
      const began = performance.now();
      const { status, said, peakBytes } = await runOf(config, s3.endpoint);
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const bombs = readers.flatMap(({ bombs }) => bombs).length;
      console.log(
        `${names}: ${bombs} bombs of ${BYTES / 1e6} MB each: ${seconds} s, ` +
          `${(peakBytes / 1e6).toFixed(0)} MB at the most`,
      );
      assert.equal(status, 0, said);
      assert.ok(peakBytes < MAX_PEAK_BYTES, `${peakBytes} bytes`);
      using store = new DatabaseSync(join(folder.path, "s.sqlite"), { readOnly: true });
      for (const { told, where } of readers) {
        assert.match(said, told);
        const { n } = store.prepare(`SELECT count(*) AS n FROM sessions WHERE ${where}`).get()!;
        assert.ok(Number(n) > 0, `${where}: ${said}`);
      }
    });
  }
});

function runOf(config: string, endpoint: string) {
  return measuredRun(
    [
      ...["run", "--config", config, "--out", join(dirname(config), "out")],
      ...["--since", "2026-03-09", "--until", "2026-03-13"],
    ],
    {
      ...{ AWS_ENDPOINT_URL_S3: endpoint, AWS_ACCESS_KEY_ID: "AKIATEST" },
      ...{ AWS_SECRET_ACCESS_KEY: "secret", AWS_EC2_METADATA_DISABLED: "true" },
    },
  );
}
