import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "../property.ts";
import type { RecordingLimits } from "../../lib/recording/limits.ts";
import { readRecording } from "../../lib/recording/read.ts";
import { printed, readAll } from "./read_all.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const V2 = [
  '{"version": 2, "width": 80, "height": 24, "timestamp": 1700000000}',
  '[0.5, "o", "one "]',
  '[1.25, "i", "k"]',
  '[1.5, "r", "100x30"]',
  '[1.2, "o", "two "]',
  '[2, "m", "mark"]',
  '[3.5, "o", "thr\\u00e9e"]',
].join("\n") + "\n";

Deno.test("readRecording() reads asciicast v2", async () => {
  const { events, outcome } = await readAll(utf8(V2));
  assert.equal(outcome.state, "parsed");
  assert.equal(outcome.format, "asciicast-v2");
  assert.deepEqual(events.map((event) => [event.type, event.atMs]), [
    ["start", 0],
    ["print", 500],
    ["input", 1250],
    ["resize", 1500],
    ["print", 1500],
    ["other", 2000],
    ["print", 3500],
  ]);
  assert.equal(printed(events), "one two thrée");
  assert.equal(outcome.clockSteps, 1);
  assert.equal(outcome.outputBytes, 14);
  assert.deepEqual(outcome.facts, {
    kind: "pty",
    started_at: "2023-11-14T22:13:20.000Z",
    ended_at: "2023-11-14T22:13:23.500Z",
    duration_seconds: 3.5,
  });
});

Deno.test("readRecording() reads asciicast v3: intervals, comments, exit status", async () => {
  const text = [
    '{"version": 3, "term": {"cols": 90, "rows": 20}, "timestamp": 1700000000}',
    "# a comment",
    '[0.5, "o", "a"]',
    '[-3, "o", "b"]',
    '[0.25, "o", "c"]',
    '[0, "x", "0"]',
    '[0, "zz", "?"]',
    "not json",
  ].join("\n") + "\n";
  const { events, outcome } = await readAll(utf8(text));
  assert.deepEqual(events.map((event) => event.atMs), [0, 500, 500, 750, 750]);
  assert.deepEqual(events[0], {
    type: "start",
    atMs: 0,
    facts: { kind: "pty" },
    size: { cols: 90, rows: 20 },
  });
  assert.equal(outcome.state, "parsed");
  assert.equal(outcome.clockSteps, 1);
  assert.deepEqual(outcome.skipped, { "unknown event code": 1, "unreadable line": 1 });
});

Deno.test("readRecording() reads asciicast v1, on one line or several", async () => {
  const cast = { version: 1, width: 80, height: 24, stdout: [[0.5, "a"], [0.25, "b"], ["?", "c"]] };
  for (const text of [JSON.stringify(cast), JSON.stringify(cast, null, 2) + "\n"]) {
    const { events, outcome } = await readAll(utf8(text), { chunk: 9 });
    assert.equal(outcome.format, "asciicast-v1");
    assert.equal(outcome.state, "parsed");
    assert.deepEqual(events.map((event) => event.atMs), [0, 500, 750]);
    assert.deepEqual(outcome.skipped, { "unreadable line": 1 });
  }
});

Deno.test("readRecording() reads through gzip and zstd, several members too", async () => {
  const bytes = utf8(V2);
  const half = bytes.length / 2 | 0;
  const [head, tail] = [bytes.subarray(0, half), bytes.subarray(half)];
  const files = [
    gzipSync(bytes),
    new Uint8Array([...gzipSync(head), ...gzipSync(tail)]),
    zstdCompressSync(bytes),
    new Uint8Array([...zstdCompressSync(head), ...zstdCompressSync(tail)]),
  ];
  for (const file of files) {
    for (const chunk of [1 << 20, 11]) {
      const { events, outcome } = await readAll(file, { chunk });
      assert.equal(outcome.state, "parsed", outcome.error ?? "");
      assert.equal(printed(events), "one two thrée");
    }
  }
});

Deno.test("readRecording() takes who it was from the header of Tailscale's recorder", async () => {
  const header = { version: 2, width: 80, height: 24, timestamp: 1700000000 };
  const node = {
    srcNode: "laptop.tail12ab.ts.net.",
    srcNodeID: "nABC",
    connectionID: "c-1",
    sshUser: "root",
    localUser: "admin",
  };
  const read = async (more: Record<string, unknown>) => {
    const { outcome, events } = await readAll(
      utf8(JSON.stringify({ ...header, ...more }) + '\n[1, "o", "x"]\n'),
    );
    const types = events.map((event) =>
      event.type === "start" && event.command ? `start ${event.command}` : event.type
    );
    return { facts: outcome.facts, types };
  };
  const times = {
    started_at: "2023-11-14T22:13:20.000Z",
    ended_at: "2023-11-14T22:13:21.000Z",
    duration_seconds: 1,
  };
  assert.deepEqual(await read({ ...node, srcNodeUser: "dana@example.com", command: "" }), {
    facts: {
      substrate: "tailscale-recording",
      kind: "ssh",
      principal: "dana@example.com",
      login: "admin",
      scope: "tail12ab.ts.net",
      ...times,
    },
    types: ["start", "print"],
  });
  const tagged = { ...node, srcNodeTags: ["tag:ci"], command: "/usr/bin/uptime -p" };
  assert.deepEqual(await read(tagged), {
    facts: {
      substrate: "tailscale-recording",
      kind: "ssh",
      user_kind: "tagged-node",
      login: "admin",
      scope: "tail12ab.ts.net",
      ...times,
    },
    types: ["start /usr/bin/uptime -p", "print"],
  });
  const pod = { PodName: "web-0", Namespace: "prod", Container: "app", SessionType: "exec" };
  const kube = await read({ srcNodeID: "nABC", srcNodeUser: "dana", kubernetes: pod });
  assert.equal(kube.facts.kind, "kube");
  assert.equal(kube.facts.target, "web-0");
  const plain = await read({ title: "a talk", command: "bash" });
  assert.deepEqual(plain, { facts: { kind: "pty", ...times }, types: ["start", "print"] });
  const hostile = await read({ srcNode: 7, srcNodeID: "n", srcNodeUser: ["x"], kubernetes: "y" });
  assert.deepEqual(hostile.facts, { substrate: "tailscale-recording", kind: "ssh", ...times });
});

Deno.test("readRecording() names a cut or damaged compressed file", async () => {
  const gzip = gzipSync(utf8(V2));
  const cut = await readAll(gzip.subarray(0, gzip.length - 20));
  assert.equal(cut.outcome.state, "truncated");
  const crc = gzip.slice();
  crc[crc.length - 6]! ^= 1;
  const damaged = await readAll(crc);
  assert.equal(damaged.outcome.state, "failed");
  assert.equal(printed(damaged.events), "one two thrée");
  const zstd = zstdCompressSync(utf8(V2));
  const frame = await readAll(zstd.subarray(0, zstd.length - 9));
  assert.equal(frame.outcome.state, "truncated");
});

Deno.test("readRecording() takes every prefix of a cast", async () => {
  const bytes = utf8(V2);
  for (let length = 1; length < bytes.length; length++) {
    const { outcome } = await readAll(bytes.subarray(0, length));
    assert.ok(["parsed", "truncated"].includes(outcome.state), `${outcome.state} at ${length}`);
    if (V2[length - 1] === "\n") assert.equal(outcome.state, "parsed");
  }
});

Deno.test("readRecording() hands out the start of a cast that is only a header", async () => {
  for (const end of ["", "\n"]) {
    const { events, outcome } = await readAll(utf8(V2.split("\n")[0] + end));
    assert.deepEqual(events.map((event) => event.type), ["start"]);
    assert.deepEqual(outcome.events, { start: 1 });
    assert.equal(outcome.state, "parsed");
  }
});

Deno.test("readRecording() keeps lines within their limit", async () => {
  const long = `[0.1, "o", "${"x".repeat(5000)}"]\n`;
  const { outcome, events } = await readAll(utf8(V2 + long + '[9, "o", "end"]\n'), {
    chunk: 64,
    limits: { maxLineBytes: 1000 },
  });
  assert.deepEqual(outcome.skipped, { "line too long": 1 });
  assert.equal(printed(events), "one two thréeend");
});

Deno.test("readRecording() names what is no recording", async () => {
  const tar = new Uint8Array(1024);
  tar.set(utf8("session.events.gz"));
  tar.set(utf8("ustar"), 257);
  const old = new Uint8Array(512);
  old.set(utf8("a.chunks.gz"));
  const sum = old.reduce((total, byte) => total + byte, 0) + 8 * 32;
  old.set(utf8(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  const cases: [Uint8Array, string, RegExp][] = [
    [tar, "unsupported", /tar archive/],
    [old, "unsupported", /tar archive/],
    [utf8("hello"), "unsupported", /no recording/],
    [utf8('{"version": 9}\n'), "unsupported", /no recording/],
    [utf8('{"a": [1,2]}'), "unsupported", /no recording/],
    [utf8('{"version": 2, "wid'), "truncated", /header/],
    [new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0]), "unsupported", /no recording/],
  ];
  for (const [bytes, state, error] of cases) {
    const { outcome, events } = await readAll(bytes);
    assert.equal(outcome.state, state);
    assert.match(outcome.error!, error);
    assert.equal(events.length, 0);
  }
});

Deno.test("readRecording() takes any text after a header", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.string(), fc.json())), async (lines) => {
      const { outcome } = await readAll(utf8([V2 + lines[0], ...lines].join("\n")), { chunk: 50 });
      assert.notEqual(outcome.state, "pending");
    }),
    { numRuns: 100 },
  );
});

Deno.test("readRecording() gives a cast one id, packed or not, read to its end or not", async () => {
  const plain = utf8(V2);
  const id = createHash("sha256").update(plain).digest("hex");
  const stopped = { maxEvents: 1 };
  const cases: [Uint8Array, Partial<RecordingLimits>, string | null][] = [
    [plain, {}, id],
    [gzipSync(plain), {}, id],
    [gzipSync(plain, { level: 1 }), {}, id],
    [zstdCompressSync(plain), {}, id],
    [plain, stopped, id],
    [utf8("no recording"), {}, null],
    [utf8('{"version": 9}'), {}, null],
    [new Uint8Array(24), {}, null],
  ];
  for (const [bytes, limits, expected] of cases) {
    const reader = readRecording({ uri: "x", bytes }, limits);
    for await (const _ of reader);
    assert.equal(reader.contentId, expected);
  }
});
