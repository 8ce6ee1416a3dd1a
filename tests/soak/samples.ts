import { deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import { crc32 } from "node:zlib";
import type { EventObject } from "../../fixtures/generate/protostream_writer.ts";
import {
  concat,
  emptyPart,
  encodeEvent,
  encodeRecord,
  sequenced,
  unionBytes,
  writePart,
} from "../../fixtures/generate/protostream_writer.ts";

/** A small sound recording, and how its plain text becomes the file again. */
export interface Sample {
  name: string;
  /** What is changed byte by byte. */
  bytes: Uint8Array;
  /** Makes the file of `bytes`; for what lies within compression. */
  wrap: (bytes: Uint8Array) => Uint8Array;
}

const START_MS = Date.UTC(2026, 2, 10, 9);
const SID = "0f6a1f5e-52c8-4f56-9d3f-1c2d3e4f5a6b";
const at = (ms: number) => new Date(START_MS + ms).toISOString();

const WHO = { user: "dana", sid: SID };

const SESSIONS: Readonly<Record<string, readonly EventObject[]>> = {
  ssh: [
    { event: "session.start", time: at(0), ...WHO, login: "root", size: "80:24", proto: "ssh" },
    { event: "print", time: at(9), data: "$ " },
    { event: "print", time: at(350), data: "l" },
    { event: "print", time: at(600), data: "\r\n\x1b[1mfile\x1b[0m\r\n$ " },
    { event: "resize", time: at(700), size: "120:40" },
    { event: "session.leave", time: at(950), user: "dana", sid: "other" },
    { event: "session.end", time: at(1000), ...WHO, session_start: at(0), session_stop: at(1000) },
  ],
  kube: [
    { event: "session.start", time: at(0), ...WHO, proto: "kube", kubernetes_cluster: "k" },
    { event: "exec", time: at(90), command: "ls -l", exitCode: "1", proto: "kube" },
    { event: "session.end", time: at(100), ...WHO, interactive: false },
  ],
  database: [
    { event: "db.session.start", time: at(0), ...WHO, db_service: "pg", db_protocol: "postgres" },
    { event: "db.session.query", time: at(400), db_query: "select 1", success: true },
    { event: "db.session.query.failed", time: at(900), db_query: "x", success: false, error: "e" },
    { event: "db.session.result", time: at(950), affected_records: 3 },
    { event: "db.session.end", time: at(1000), ...WHO },
  ],
  application: [
    { event: "app.session.request", time: at(0), status_code: 200, path: "/", method: "GET" },
    { event: "app.session.request", time: at(50), status_code: 404, path: "/a", method: "PUT" },
    { event: "app.session.dynamodb.request", time: at(90), status_code: 200, target: "Scan" },
  ],
  "windows-desktop": [
    { event: "windows.desktop.session.start", time: at(0), ...WHO, desktop_name: "w" },
    { event: "desktop.recording", time: at(5), ms: 5, message: Uint8Array.of(2, 0, 0, 9) },
    { event: "desktop.recording", time: at(80), ms: 80, message: Uint8Array.of(3, 0, 1, 0, 9) },
    { event: "desktop.clipboard.send", time: at(90), ...WHO, length: 4 },
    { event: "windows.desktop.session.end", time: at(99), ...WHO, recorded: true },
  ],
  "linux-desktop": [
    { event: "linux.desktop.session.start", time: at(0), ...WHO, desktop_name: "l" },
    { event: "desktop.recording", time: at(5), ms: 5, tdpb_message: Uint8Array.of(8, 1, 18, 0) },
    { event: "linux.desktop.session.end", time: at(99), ...WHO, recorded: true },
  ],
  mcp: [
    { event: "mcp.session.start", time: at(0), ...WHO, app_name: "m", client_info: "c/1" },
    { event: "mcp.session.request", time: at(9), ...WHO, message: { method: "tools/call" } },
    { event: "mcp.session.end", time: at(99), ...WHO },
  ],
  // as nobody writes them: delays are all there is, one of them from another world
  timeless: [
    { event: "print", data: "a", ms: 0 },
    { event: "print", data: "b", ms: 2n ** 61n },
    { event: "desktop.recording", ms: 90 },
    { event: "resize", size: "9:9" },
    { event: "session.end", ...WHO },
  ],
  bpf: [
    { event: "session.start", time: at(0), ...WHO, size: "80:24" },
    { event: "session.command", time: at(20), program: "ls", pid: 9, ppid: 8, argv: ["-l"] },
    { event: "session.disk", time: at(25), program: "ls", pid: 9, path: "/etc", return_code: 3 },
    { event: "session.network", time: at(30), program: "nc", pid: 10, dst_port: 443 },
    { event: "session.end", time: at(100), ...WHO },
  ],
};

const CASTS: Readonly<Record<string, string>> = {
  "asciicast-v1": '{"version":1,"width":80,"height":24,"stdout":[[0.5,"$ "],[0.2,"ls\\r\\n"]]}',
  "asciicast-v2": [
    '{"version":2,"width":80,"height":24,"timestamp":1700000000}',
    '[0.5,"o","$ "]',
    '[0.9,"i","l"]',
    '[1.1,"r","100x30"]',
    '[1.5,"o","l\\u00e9\\u001b[K"]',
    "",
  ].join("\n"),
  "asciicast-v3": [
    '{"version":3,"term":{"cols":80,"rows":24},"timestamp":1700000000}',
    "# note",
    '[0.5,"o","$ "]',
    '[0.1,"m",""]',
    '[0.2,"x","0"]',
    "",
  ].join("\n"),
  "tailscale": [
    '{"version":2,"width":80,"height":24,"timestamp":1700000000,"srcNode":"a.ts.net","srcNodeID":"n1",' +
    '"srcNodeUser":"dana@example.com","sshUser":"root","localUser":"root","kubernetes":{"PodName":"p"}}',
    '[0.5,"o","$ "]',
    "",
  ].join("\n"),
};

/** All kinds of recording, each as its file and as the text within its compression. */
export function soakSamples(): Sample[] {
  const samples: Sample[] = [];
  for (const [name, events] of Object.entries(SESSIONS)) {
    const records = sequenced(events).map((event) => encodeRecord(encodeEvent(event)));
    const plain = concat(records);
    samples.push({ name: `${name}, V1`, bytes: writePart(records), wrap: same });
    samples.push({ name: `${name}, records`, bytes: plain, wrap: partOf });
  }
  const ssh = sequenced(SESSIONS.ssh!).map((event) => encodeRecord(encodeEvent(event)));
  samples.push({
    name: "several parts, V1 and V2",
    bytes: concat([
      writePart(ssh.slice(0, 2), { padTo: 170 }),
      emptyPart(7),
      writePart(ssh.slice(2, 3), { version: 2, encrypted: true }),
      writePart(ssh.slice(3, 4), { version: 2 }),
    ]),
    wrap: same,
  });
  const newer = [encodeRecord(unionBytes(999, Uint8Array.of(10, 2, 8, 7))), ssh[1]!];
  samples.push({ name: "newer events, records", bytes: concat(newer), wrap: partOf });
  for (const [name, text] of Object.entries(CASTS)) {
    samples.push({ name, bytes: new TextEncoder().encode(text), wrap: same });
  }
  const cast = new TextEncoder().encode(CASTS["asciicast-v2"]);
  samples.push({ name: "gzip", bytes: new Uint8Array(gzipSync(cast)), wrap: same });
  samples.push({ name: "zstd", bytes: new Uint8Array(zstdCompressSync(cast)), wrap: same });
  samples.push({ name: "within gzip", bytes: cast, wrap: (bytes) => gzipSync(bytes) });
  const tar = new Uint8Array(600);
  tar.set(new TextEncoder().encode("session.events.gz"));
  tar.set(new TextEncoder().encode("ustar"), 257);
  samples.push({ name: "legacy tar", bytes: tar.subarray(0, 520), wrap: same });
  return samples;
}

function same(bytes: Uint8Array): Uint8Array {
  return bytes;
}

const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

// A sound V1 part around any plain text.
function partOf(plain: Uint8Array): Uint8Array {
  const body = deflateRawSync(plain, { level: 1 });
  const part = new Uint8Array(24 + 18 + body.length);
  const view = new DataView(part.buffer);
  part[7] = 1;
  view.setUint32(12, 18 + body.length);
  part.set(GZIP_HEADER, 24);
  part.set(body, 34);
  view.setUint32(34 + body.length, crc32(plain), true);
  view.setUint32(38 + body.length, plain.length, true);
  return part;
}
