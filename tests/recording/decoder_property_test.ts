import assert from "node:assert/strict";
import fc from "../property.ts";
import protobuf from "protobufjs";
import {
  concat,
  encodeRecord,
  unionBytes,
  writePart,
} from "../../fixtures/generate/protostream_writer.ts";
import { saneTime, terminalSize } from "../../lib/recording/teleport_facts.ts";
import { teleportSchema } from "../../lib/recording/teleport_schema.ts";
import type { RecordingEvent } from "../../lib/model/event.ts";
import { readAll } from "./read_all.ts";

// What the decoder makes of a record must be what protobufjs alone finds in it: whichever of the
// walkers took it, with fields unknown, repeated, out of order, negative, of the wrong wire type
// and in groups.

type Write = (writer: protobuf.Writer) => void;

const varint = fc.oneof(
  fc.bigInt({ min: 0n, max: 300n }),
  fc.bigInt({ min: -9n, max: -1n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: 1_700_000_000n, max: 1_700_000_100n }),
);
const number = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 9 }), weight: 6 },
  { arbitrary: fc.integer({ min: 10, max: 40_000 }), weight: 1 },
);

function fields(bytes: fc.Arbitrary<Uint8Array>, groups = true): fc.Arbitrary<Write> {
  const field = fc.oneof(
    fc.tuple(number, varint).map(([no, value]): Write => (writer) =>
      writer.uint32(no * 8).uint64(BigInt.asUintN(64, value).toString())
    ),
    fc.tuple(number, bytes).map(([no, value]): Write => (writer) =>
      writer.uint32(no * 8 + 2).bytes(value)
    ),
    number.map((no): Write => (writer) => writer.uint32(no * 8 + 1).fixed64("81985529216486895")),
    number.map((no): Write => (writer) => writer.uint32(no * 8 + 5).fixed32(7)),
    ...(groups
      ? [
        fc.tuple(number, fc.nat(9)).map(([no, value]): Write => (writer) =>
          writer.uint32(no * 8 + 3).uint32(8).uint32(value).uint32(no * 8 + 4)
        ),
      ]
      : []),
  );
  return fc.array(field, { maxLength: 7 }).map((writes) => (writer) =>
    writes.forEach((write) => write(writer))
  );
}

function message(bytes: fc.Arbitrary<Uint8Array>, groups = true): fc.Arbitrary<Uint8Array> {
  return fields(bytes, groups).map((write) => {
    const writer = protobuf.Writer.create();
    write(writer);
    return writer.finish();
  });
}

const words = fc.constantFrom("", "80:24", "120x40", "0:0", "x", "print").map((text) =>
  new TextEncoder().encode(text)
);
const time = fc.tuple(varint, fc.integer({ min: -1, max: 1_000_000_000 })).map(([s, n]) =>
  protobuf.Writer.create().uint32(8).uint64(BigInt.asUintN(64, s).toString())
    .uint32(16).int32(n).finish()
);
const metadata = message(fc.oneof(time, message(words), words), false);
const event = message(fc.oneof(metadata, words, fc.uint8Array({ maxLength: 9 })));
const members = fc.array(fc.tuple(fc.constantFrom(7, 7, 9, 69), event), {
  minLength: 1,
  maxLength: 2,
});

const ORIGIN_SECONDS = 1_700_000_000;

// A print that every recording of this test begins with, so that times have something to count from.
const firstRecord = unionBytes(
  7,
  protobuf.Writer.create().uint32(10).fork().uint32(42).fork().uint32(8).uint64(ORIGIN_SECONDS)
    .ldelim().ldelim().finish(),
);

interface Found {
  type: string;
  atMs: number;
  data?: number[];
  size?: string;
}

function shown(event: RecordingEvent): Found {
  const { type, atMs } = event;
  if (event.type === "print") return { type, atMs, data: [...event.data] };
  if (event.type === "resize") return { type, atMs, size: `${event.size.cols}:${event.size.rows}` };
  return { type, atMs };
}

// What protobufjs finds, put in the words of an event; null where it finds nothing it can read.
function expectedOf(record: Uint8Array): Found | null {
  const { union } = teleportSchema();
  let decoded: Record<string, unknown>;
  try {
    decoded = union.toObject(union.decode(record), { longs: Number, oneofs: true });
  } catch {
    return null;
  }
  const name = String(decoded.Event);
  const fields = decoded[name] as Record<string, unknown>;
  const of = fields.Metadata as { Time?: { seconds?: number; nanos?: number } } | undefined;
  const wallMs = of?.Time ? saneTime(of.Time.seconds ?? 0, of.Time.nanos ?? 0) : null;
  const delay = name === "Resize" ? 0 : Number(fields.DelayMilliseconds ?? 0);
  // a print without a time comes its delay after the first one, if that is a time at all
  const at = wallMs ?? saneTime(ORIGIN_SECONDS + Math.max(0, delay) / 1000, 0);
  const atMs = Math.max(0, at === null ? 0 : at - ORIGIN_SECONDS * 1000);
  if (name === "SessionPrint") {
    return { type: "print", atMs, data: [...(fields.Data as Uint8Array | undefined ?? [])] };
  }
  if (name === "DesktopRecording") return { type: "desktop", atMs };
  const size = terminalSize(fields.TerminalSize as string | undefined);
  return size === null
    ? { type: "other", atMs }
    : { type: "resize", atMs, size: `${size.cols}:${size.rows}` };
}

Deno.test("readRecording() finds in any record what protobufjs finds", async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(members, async (members) => {
      const record = concat(members.map(([no, bytes]) => unionBytes(no, bytes)));
      const expected = expectedOf(record);
      const bytes = writePart([encodeRecord(firstRecord), encodeRecord(record)]);
      const { events, outcome } = await readAll(bytes);
      assert.equal(outcome.state, "parsed");
      if (expected === null) return;
      compared += 1;
      assert.deepEqual(events.slice(1).map(shown), [expected]);
    }),
    { numRuns: 3000 },
  );
  assert.ok(compared > 1000, `${compared} records were compared`);
});
