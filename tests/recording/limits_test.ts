import assert from "node:assert/strict";
import { deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import {
  concat,
  encodeEvent,
  encodeRecord,
  gzipMember,
  writePart,
} from "../../fixtures/generate/protostream_writer.ts";
import { Random } from "../../fixtures/generate/random.ts";
import { readRecording } from "../../lib/recording/read.ts";
import { readAll } from "./read_all.ts";
import { sampleTime } from "./sample.ts";

const MIB = 1024 * 1024;
const utf8 = (text: string) => new TextEncoder().encode(text);
const HEADER = '{"version": 2, "width": 80, "height": 24}\n';

function print(ei: number, bytes: number): Uint8Array {
  const data = "x".repeat(bytes);
  return encodeRecord(encodeEvent({ event: "print", ei, time: sampleTime(ei), data }));
}

/** A gzip member of `bytes` zeros, made without holding them. */
function zeros(bytes: number): Uint8Array {
  return gzipSync(new Uint8Array(bytes));
}

Deno.test("DEFAULT_LIMITS bound the memory of a bomb of 512 MiB in half a MiB", async () => {
  const member = zeros(16 * MIB);
  const bomb = concat([gzipSync(utf8(HEADER)), ...Array<Uint8Array>(32).fill(member)]);
  assert.ok(bomb.length < MIB);
  const before = Deno.memoryUsage().rss;
  let peak = before;
  async function* bytes() {
    for (let at = 0; at < bomb.length; at += 4096) {
      peak = Math.max(peak, Deno.memoryUsage().rss);
      yield await Promise.resolve(bomb.subarray(at, at + 4096));
    }
  }
  const reader = readRecording({ uri: "bomb.cast.gz", bytes: bytes() });
  for await (const _ of reader);
  assert.deepEqual(reader.outcome.skipped, { "line too long": 1 });
  assert.ok(peak - before < 150 * MIB, `${Math.round((peak - before) / MIB)} MiB more`);
});

Deno.test("maxPartBytes is for all members of a part or file together", async () => {
  const members = Array.from(
    { length: 40 },
    (_, i) => gzipMember(concat(Array.from({ length: 20 }, (_, j) => print(i * 20 + j, 5000)))),
  );
  const part = writePart([], { faults: { payload: concat(members) } });
  const { outcome } = await readAll(concat([part, writePart([print(9999, 7)])]), {
    limits: { maxPartBytes: MIB },
  });
  assert.match(outcome.error ?? "", /Part 1: inflates to more than the limit of 1048576 bytes/);
  assert.ok(outcome.outputBytes > MIB * 0.9 && outcome.outputBytes <= MIB);
  assert.equal(outcome.parts, 2);

  const lines = Array.from(
    { length: 200 },
    () => gzipSync(utf8(`[1, "o", "${"y".repeat(9000)}"]\n`)),
  );
  const file = concat([gzipSync(utf8(HEADER)), ...lines]);
  const cast = await readAll(file, { limits: { maxPartBytes: MIB } });
  assert.equal(cast.outcome.error, "The compressed file inflates to more than the limit");
  assert.ok(cast.outcome.outputBytes <= MIB);
});

Deno.test("maxPartBytes ends a file of members without content", async () => {
  const file = concat([gzipSync(utf8(HEADER)), ...Array<Uint8Array>(2000).fill(zeros(0))]);
  const { outcome } = await readAll(file, { limits: { maxPartBytes: MIB } });
  assert.equal(outcome.error, "The compressed file inflates to more than the limit");
  const empty = gzipMember(new Uint8Array(0));
  const payload = concat(Array<Uint8Array>(2000).fill(empty));
  const part = await readAll(writePart([], { faults: { payload } }), {
    limits: { maxPartBytes: MIB },
  });
  assert.match(part.outcome.error ?? "", /more than the limit/);
});

Deno.test("maxPartBytes holds for zstd and for a member that is damaged", async () => {
  const text = utf8(HEADER + `[1, "o", "${"z".repeat(900)}"]\n`.repeat(20_000));
  const zstd = await readAll(zstdCompressSync(text), { limits: { maxPartBytes: MIB } });
  assert.equal(zstd.outcome.error, "The compressed file inflates to more than the limit");
  assert.ok(zstd.outcome.outputBytes <= MIB);
  const records = concat(Array.from({ length: 4000 }, (_, ei) => print(ei, 2000)));
  const member = gzipMember(records);
  member.fill(0xff, member.length - 40);
  const part = writePart([], { faults: { payload: member } });
  for (const maxPartBytes of [100_000, 1000]) {
    const { outcome } = await readAll(part, { limits: { maxPartBytes } });
    assert.equal(outcome.state, "failed");
    assert.ok(outcome.outputBytes <= maxPartBytes);
  }
});

Deno.test("maxInflatedBytes is for all parts together", async () => {
  const parts = Array.from({ length: 10 }, (_, i) => writePart([print(i, 50_000)]));
  const { outcome } = await readAll(concat(parts), { limits: { maxInflatedBytes: 260_000 } });
  assert.equal(outcome.state, "failed");
  assert.equal(outcome.events.print, 5);
  assert.equal(outcome.parts, 10);
});

Deno.test("maxReplayBytes bounds what is kept for the case of damage", async () => {
  const random = new Random("noise");
  const noise = Uint8Array.from({ length: 600_000 }, () => random.int(0, 255));
  const body = deflateRawSync(concat([print(0, 1000), noise]));
  body[body.length - 5]! ^= 0xff;
  const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
  const part = writePart([], { faults: { payload: concat([header, body, new Uint8Array(8)]) } });
  const { outcome } = await readAll(part, { limits: { maxReplayBytes: 1000 } });
  assert.equal(outcome.state, "failed");
  assert.equal(outcome.events.print, 1);
});
