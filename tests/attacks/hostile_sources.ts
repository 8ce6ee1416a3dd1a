import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import protobuf from "protobufjs";
import { awsCorpus } from "../../fixtures/generate/aws_files.ts";
import { awsRecords } from "../../fixtures/generate/aws_records.ts";
import { encodeRecord, unionBytes, writePart } from "../../fixtures/generate/protostream_writer.ts";
import { MESSAGE_OF_EVENT, teleportSchema } from "../../lib/recording/teleport_schema.ts";
import { HOSTILE_VALUES, hostileCopies } from "./hostile_values.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));
const SECONDS = Date.UTC(2026, 2, 10, 9) / 1000;

type JsonObject = Parameters<typeof hostileCopies>[0];

/** Whose rows may be nowhere: what only this names lies outside of the folders that are read. */
export const OUTSIDER = "outsider@example.com";

/** Writes a folder of each source, hostile in every field, and gives the configuration's text. */
export async function writeHostileSources(folder: string): Promise<string> {
  await writeRecordings(join(folder, "sessions"));
  await writeEvents(join(folder, "log"));
  await writeEntries(join(folder, "gcp"));
  await writeTrail(join(folder, "aws"));
  await writeCasts(join(folder, "casts"));
  await writePeople(join(folder, "people.csv"));
  return `store: ./s.sqlite
identity: { domain: example.com, table: ./people.csv }
sources:
  - kind: teleport
    events: { log: ./log }
    recordings: { folder: ./sessions }
    labels: [env, team]
  - { kind: gcp, archive: ./gcp }
  - { kind: aws, archive: ./aws }
  - { kind: recordings, folder: ./casts }
`;
}

/** Values as principals of somebody, and each as the identity of one. */
async function writePeople(file: string): Promise<void> {
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rows = HOSTILE_VALUES.flatMap((value, i) => [
    // others stay without an identity
    i % 2 === 0 ? `${cell(value)},person-${i}@example.com` : "",
    `principal-${i},${cell(value)}`,
  ]);
  await Deno.writeTextFile(file, ["principal,identity", ...rows].join("\r\n"));
}

/** A message with every field of its schema filled, every text with the same value. */
function filled(type: protobuf.Type, value: string, depth = 0): Record<string, unknown> {
  const fields = type.fieldsArray.flatMap((field): [string, unknown][] => {
    field.resolve();
    const one = valueOf(field, value, depth);
    if (one === undefined) return [];
    if (field.map) return [[field.name, { [value]: one, env: one }]];
    return [[field.name, field.repeated ? [one, one] : one]];
  });
  return Object.fromEntries(fields);
}

function valueOf(field: protobuf.Field, value: string, depth: number): unknown {
  if (field.type === "string") return value.toWellFormed();
  if (field.type === "bytes") return new TextEncoder().encode(value);
  if (field.type === "bool") return true;
  if (field.resolvedType instanceof protobuf.Type) {
    return depth > 4 ? undefined : filled(field.resolvedType, value, depth + 1);
  }
  return field.name === "seconds" ? SECONDS : 1;
}

/** One recording a value: every kind of event, every field of it. */
export async function writeRecordings(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const members = Object.values(MESSAGE_OF_EVENT).map((name) => teleportSchema().byName.get(name));
  for (const [i, value] of HOSTILE_VALUES.entries()) {
    const records = members.flatMap((member) => {
      if (!member?.type) return [];
      const message = member.type.encode(member.type.fromObject(filled(member.type, value)));
      return [encodeRecord(unionBytes(member.number, message.finish()))];
    });
    await Deno.writeFile(join(folder, `${sessionId(i)}.tar`), writePart(records));
  }
}

function sessionId(i: number): string {
  return `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`;
}

async function writeEvents(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const text = hostileEvents().map((event) => JSON.stringify(event)).join("\n");
  await Deno.writeTextFile(join(folder, "events.log"), `${text}\n`);
}

/** Events of a server's log: all that the schema knows of each kind. */
export function hostileEvents(): JsonObject[] {
  const time = new Date(SECONDS * 1000).toISOString();
  const lines = Object.keys(MESSAGE_OF_EVENT).flatMap((event) => {
    const base: JsonObject = {
      ...{
        event,
        time,
        uid: "u",
        sid: "s",
        code: "T2000I",
        user: "ana@example.com",
        login: "root",
      },
      ...{ cluster_name: "c", namespace: "default", server_id: "n", server_hostname: "h" },
      ...{ "addr.local": "1.2.3.4:22", "addr.remote": "203.0.113.9:5022", proto: "ssh" },
      ...{ session_recording: "node", session_start: time, session_stop: time, interactive: true },
      ...{ enhanced_recording: false, participants: ["ana@example.com"], user_kind: 1 },
      ...{ initial_command: ["sh"], server_labels: { env: "e", team: "t", a: "b" } },
      ...{ kubernetes_cluster: "k", kubernetes_users: ["u"], kubernetes_groups: ["g"] },
      ...{ kubernetes_pod_name: "p", kubernetes_pod_namespace: "n", path: "/p", program: "ls" },
      ...{ argv: ["-l"], db_service: "d", db_name: "n", db_user: "u", db_query: "SELECT 1" },
      ...{ db_protocol: "postgres", db_labels: { env: "e" }, app_name: "a", app_uri: "http://a" },
      ...{ app_public_addr: "a", app_labels: { env: "e" }, desktop_name: "d", desktop_addr: "a" },
      ...{ desktop_labels: { env: "e" }, windows_user: "w", windows_domain: "d", method: "GET" },
      ...{ windows_desktop_service: "s", user_agent: "curl/8", impersonator: "bot", message: "m" },
      ...{ trusted_device: { device_id: "d", os_type: 1, asset_tag: "a" }, url: "s3://b/k" },
      ...{ user_roles: ["access"], user_traits: { logins: ["root"] }, bot_name: "b", reason: "r" },
    };
    const fresh = (copy: JsonObject, i: number) => {
      copy.uid = `${event}-${i}`;
      copy.sid = sessionId(1000 + i);
    };
    return hostileCopies(base, {
      keep: ["event", "time", "uid", "sid"],
      fresh,
      megabytes: event === "session.end" ? ["user", "login"] : [],
    });
  });
  // names of the recordings above, so that both halves of a session meet
  const met = HOSTILE_VALUES.map((value, i) => ({
    ...{ event: "session.end", time, uid: `met-${i}`, sid: sessionId(i), user: value },
    ...{ login: value, server_hostname: value, cluster_name: value, proto: "ssh" },
    ...{ session_start: time, session_stop: time, interactive: true, participants: [value] },
  }));
  return [...lines, ...met];
}

/** Entries of Cloud Audit Logs in their folders, and a table of labels. */
export async function writeEntries(folder: string): Promise<void> {
  const day = join(folder, "cloudaudit.googleapis.com/activity/2026/03/11");
  const from = join(FIXTURES, "gcp/cloudaudit.googleapis.com/activity/2026/03/11");
  const [entry] = (await Deno.readTextFile(join(from, "16:00:00_16:59:59_S0.json"))).split("\n", 1);
  const copies = hostileCopies(JSON.parse(entry!), {
    keep: ["protoPayload.@type", "protoPayload.methodName", "timestamp", "insertId", "logName"],
    fresh: (copy, i) => copy.insertId = `h${i}`,
    megabytes: ["protoPayload.methodName", "protoPayload.requestMetadata.callerSuppliedUserAgent"],
  });
  await writeLines(join(day, "16:00:00_16:59:59_S0.json"), copies);
  await Deno.writeTextFile(
    join(folder, "labels.tsv"),
    `principal\tsince\tuntil\ttruth.operator-type\tbad key!\n` +
      HOSTILE_VALUES.map((value) =>
        `${value.replace(/[\t\r\n]/g, " ").slice(0, 5000)}\t` +
        `2026-03-11\t2026-03-12\t=1+1\t<script>`
      ).join("\n"),
  );
}

async function writeLines(file: string, lines: readonly object[]): Promise<void> {
  await Deno.mkdir(join(file, ".."), { recursive: true });
  await Deno.writeTextFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

/** Records of CloudTrail in their tree. */
export async function writeTrail(folder: string): Promise<void> {
  const records = awsCorpus().flatMap((plan) =>
    awsRecords(plan).slice(0, 1).map((record) => JSON.parse(JSON.stringify(record.record)))
  );
  const kinds = new Map(records.map((record) => [String(record.userIdentity?.type), record]));
  const copies = [...kinds.values()].flatMap((record, kind) =>
    hostileCopies(record, {
      keep: [
        "eventTime",
        "eventID",
        "eventVersion",
        "userIdentity.type",
        "eventSource",
        "eventName",
      ],
      fresh: (copy, i) => copy.eventID = `e-${kind}-${i}`,
      megabytes: ["userAgent", "requestID"],
    })
  );
  const days = Map.groupBy(copies, ({ eventTime }) => String(eventTime).slice(0, 10));
  const day = [...days.keys()].find((name) => /^\d{4}-\d\d-\d\d$/.test(name))!.replaceAll("-", "/");
  const file = join(
    folder,
    `AWSLogs/111122223333/CloudTrail/eu-west-1/${day}/` +
      `111122223333_CloudTrail_eu-west-1_${day.replaceAll("/", "")}T0000Z_aaaaaaaaaaaaaaaa.json`,
  );
  await Deno.mkdir(join(file, ".."), { recursive: true });
  await Deno.writeTextFile(file, JSON.stringify({ Records: copies }));
}

/** The folders of a tree that hold files. */
export async function dayFolders(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    if (isFile) return [folder];
    if (isDirectory) found.push(...await dayFolders(join(folder, name)));
  }
  return found;
}

/** Gzips the objects of a tree, as they are delivered. */
export async function gzipTree(folder: string): Promise<void> {
  for (const day of await dayFolders(folder)) {
    for await (const { name } of Deno.readDir(day)) {
      const path = join(day, name);
      await Deno.writeFile(`${path}.gz`, gzipSync(await Deno.readFile(path)));
      await Deno.remove(path);
    }
  }
}

/** Casts with hostile headers, contents, names and labels. */
async function writeCasts(folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [i, value] of HOSTILE_VALUES.entries()) {
    const tailscale = {
      ...{ srcNode: value, srcNodeID: value, srcNodeUser: value, sshUser: value, localUser: value },
      ...{ kubernetes: { PodName: value, Namespace: value, Container: value } },
    };
    const header = {
      ...{ version: 2, width: 80, height: 24, timestamp: SECONDS, title: value, command: value },
      ...{ env: { SHELL: value, TERM: value, [value]: value }, [value]: value },
      ...{ theme: { fg: value, palette: value }, ...i % 2 === 0 && tailscale },
    };
    const lines = [header, [0.5, "o", value], [1, "i", value], [1.5, "m", value], [2, "r", value]];
    await writeLines(join(folder, `${i}.cast`), lines);
    await Deno.writeTextFile(
      join(folder, `${i}.labels.json`),
      JSON.stringify({ "truth.operator-type": value, "fixture.source": value, [value]: value }),
    );
  }
  const [first] = HOSTILE_VALUES;
  for (
    const name of ["\x1b]0;PWNED\x07\n\u202e", "=1+1", `<script>document.title="PWNED"<\\`, first]
  ) {
    await Deno.copyFile(join(folder, "1.cast"), join(folder, `${name}.cast`));
  }
}
