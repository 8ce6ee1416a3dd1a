import assert from "node:assert/strict";
import fc from "../property.ts";
import protobuf from "protobufjs";
import { encodeEvent, unionBytes } from "../../fixtures/generate/protostream_writer.ts";
import { teleportSchema } from "../../lib/recording/teleport_schema.ts";
import { PrintWalker } from "../../lib/recording/print_walker.ts";
import { METADATA_ONLY, WireWalker } from "../../lib/recording/wire.ts";

/** Any field of any wire type, written without regard to a schema. */
type Field =
  | { no: number; wire: 0; value: bigint }
  | { no: number; wire: 1 }
  | { no: number; wire: 5 }
  | { no: number; wire: 2; bytes: Uint8Array };

const varint = fc.oneof(
  fc.bigInt({ min: 0n, max: 200n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -5n, max: -1n }),
);
const number = fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 70_000 }));

function message(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const field: fc.Arbitrary<Field> = fc.oneof(
    fc.record({ no: number, wire: fc.constant<0>(0), value: varint }),
    fc.record({ no: number, wire: fc.constant<1>(1) }),
    fc.record({ no: number, wire: fc.constant<5>(5) }),
    fc.record({ no: number, wire: fc.constant<2>(2), bytes }),
  );
  return fc.array(field, { maxLength: 9 }).map(written);
}

function written(fields: readonly Field[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const field of fields) {
    writer.uint32(field.no * 8 + field.wire);
    if (field.wire === 0) writer.uint64(BigInt.asUintN(64, field.value).toString());
    else if (field.wire === 1) writer.fixed64("72623859790382856");
    else if (field.wire === 5) writer.fixed32(99);
    else writer.bytes(field.bytes);
  }
  return writer.finish();
}

const noise = fc.uint8Array({ maxLength: 12 });
const time = message(noise);
const metadata = message(fc.oneof(time, noise));
const event = message(fc.oneof(metadata, noise));

const PLAN = { data: 3, delay: 5 };

Deno.test("WireWalker finds in prints what protobufjs finds", () => {
  const type = teleportSchema().byName.get("SessionPrint")!.type!;
  const walker = new WireWalker();
  let walked = 0;
  fc.assert(
    fc.property(fc.oneof(event, noise), fc.nat(5), (bytes, shift) => {
      const moved = new Uint8Array(bytes.length + shift);
      moved.set(bytes, shift);
      const range = { start: shift, end: moved.length };
      if (!walker.walk(moved, range, PLAN)) return;
      walked += 1;
      const decoded = type.toObject(type.decode(bytes), { longs: Number, defaults: true });
      assert.equal(walker.index, decoded.Metadata?.Index ?? 0);
      assert.equal(walker.hasTime, (decoded.Metadata?.Time ?? null) !== null);
      assert.equal(walker.seconds, decoded.Metadata?.Time?.seconds ?? 0);
      assert.equal(walker.nanos, decoded.Metadata?.Time?.nanos ?? 0);
      assert.equal(walker.delay, decoded.DelayMilliseconds);
      const data = walker.dataStart < 0 ? [] : moved.subarray(walker.dataStart, walker.dataEnd);
      assert.deepEqual([...data], [...decoded.Data]);
    }),
    { numRuns: 4000 },
  );
  assert.ok(walked > 1000, `${walked} messages were walked`);
});

const mostlySmall = fc.oneof(
  { arbitrary: fc.bigInt({ min: 0n, max: 1n << 28n }), weight: 6 },
  { arbitrary: fc.bigInt({ min: 0n, max: 1n << 35n }), weight: 1 },
  { arbitrary: varint, weight: 1 },
);

/** A print as Teleport writes it, or nearly so. */
const plainPrint = fc.record({
  metadata: fc.record({
    Index: mostlySmall,
    Type: fc.constant("print"),
    ID: fc.constantFrom("", "x"),
    Time: fc.option(fc.record({
      seconds: fc.oneof(fc.bigInt(1n << 28n, 1n << 35n), fc.bigInt(1n << 28n, 1n << 31n), varint),
      nanos: fc.oneof(fc.nat(999_999_999), fc.nat(99), fc.integer()),
    })),
    ClusterName: fc.constantFrom("", "prod"),
  }),
  fields: fc.record({
    ci: mostlySmall,
    data: fc.uint8Array({ maxLength: 300 }),
    delay: mostlySmall,
  }),
  after: fc.oneof(fc.constant(new Uint8Array(0)), message(noise)),
}).map(({ metadata, fields, after }) => {
  const long = (value: bigint) => BigInt.asIntN(64, value).toString();
  const type = teleportSchema().byName.get("SessionPrint")!.type!;
  const { Time, Index } = metadata;
  const plain = type.encode(type.fromObject({
    Metadata: {
      ...metadata,
      Index: long(Index),
      Time: Time && { ...Time, seconds: long(Time.seconds) },
    },
    ChunkIndex: long(fields.ci),
    Data: fields.data,
    DelayMilliseconds: long(fields.delay),
  })).finish();
  return Uint8Array.from([...plain, ...after]);
});

Deno.test("PrintWalker finds what WireWalker finds, or declines", () => {
  const plain = new PrintWalker();
  const walker = new WireWalker();
  let walked = 0;
  fc.assert(
    fc.property(fc.oneof(event, plainPrint, plainPrint, plainPrint), fc.nat(5), (bytes, shift) => {
      const moved = new Uint8Array(bytes.length + shift + 3).fill(0x08);
      moved.set(bytes, shift);
      const range = { start: shift, end: shift + bytes.length };
      if (!plain.walk(moved, range.start, range.end)) return;
      walked += 1;
      assert.ok(walker.walk(moved, range, PLAN));
      for (
        const field of [
          ...["index", "hasTime", "seconds", "nanos"] as const,
          ...["delay", "dataStart", "dataEnd"] as const,
        ]
      ) assert.equal(plain[field], walker[field], field);
    }),
    { numRuns: 9000 },
  );
  assert.ok(walked > 1000, `${walked} messages were walked`);
});

Deno.test("PrintWalker takes prints as Teleport writes them", () => {
  const walker = new PrintWalker();
  const time = "2024-05-17T09:30:00.123456789Z";
  for (const rest of [{}, { time }, { time, cluster_name: "prod", code: "x" }, { time: TWO_POW }]) {
    const record = encodeEvent({
      ...{ event: "print", ei: 70_000, ci: 69_999, ms: 123_456, offset: 1e9, data: "ls" },
      time,
      ...rest,
    });
    assert.ok(walker.walk(record, 2, record.length));
    assert.equal(walker.index, 70_000);
    assert.equal(walker.nanos, rest.time === TWO_POW ? 0 : 123_456_789);
    assert.equal(walker.delay, 123_456);
  }
});

/** A time whose seconds end in zeros, and no nanoseconds. */
const TWO_POW = "2004-01-10T13:37:04Z";

Deno.test("WireWalker declines only what is broken, grouped or merged", () => {
  const type = teleportSchema().byName.get("SessionPrint")!.type!;
  const walker = new WireWalker();
  fc.assert(
    fc.property(message(noise.map(() => new Uint8Array(0))), (bytes) => {
      type.decode(bytes);
      assert.ok(walker.walk(bytes, { start: 0, end: bytes.length }, METADATA_ONLY));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("WireWalker.outer() takes the member that protobufjs takes", () => {
  const schema = teleportSchema();
  const member = fc.constantFrom(7, 9, 5, 10, 999, 3000);
  const known = (no: number) => schema.byNumber.has(no);
  const walker = new WireWalker();
  fc.assert(
    fc.property(fc.uniqueArray(member, { minLength: 1, maxLength: 4 }), (members) => {
      const parts = members.map((no) => unionBytes(no, new Uint8Array(0)));
      const bytes = Uint8Array.from(parts.flatMap((part) => [...part]));
      assert.ok(walker.outer(bytes, { start: 0, end: bytes.length }, known));
      const decoded = schema.union.toObject(schema.union.decode(bytes), { oneofs: true });
      const expected = decoded.Event === undefined
        ? members.at(-1)
        : schema.byName.get(decoded.Event)!.number;
      assert.equal(walker.member, expected);
    }),
  );
});
