import { gzipSync } from "node:zlib";
import { gzipMember, writePart } from "../../fixtures/generate/protostream_writer.ts";
import { Random } from "../../fixtures/generate/random.ts";
import { type PrintRecord, RecordWriter } from "./record_writer.ts";
import { type ShapeName, SHAPES } from "./shapes.ts";

/** What a written recording holds, so that whoever reads it can be checked. */
export interface WrittenRecording {
  path: string;
  prints: number;
  outputBytes: number;
  inflatedBytes: number;
  fileBytes: number;
}

interface ShapeOptions {
  shape: ShapeName;
  inflatedBytes: number;
  seed: string;
  /** Packs worse and faster. */
  fast?: boolean;
}

/** Plain bytes of one part; Teleport closes one at 128 KiB or 5 MiB of gzip. */
const PART_BYTES = 4 * 1024 * 1024;
/** So many prints are made up; then they come again, at other times and places. */
const MADE_UP = 200_000;
const START_MS = Date.UTC(2024, 4, 17, 9, 30);

/**
 * Writes a recording of a shape, `inflatedBytes` long when inflated, part by part: memory holds
 * one part. The same seed gives the same bytes.
 */
export async function writeShape(
  path: string,
  { shape, inflatedBytes, seed, fast = false }: ShapeOptions,
): Promise<WrittenRecording> {
  const written = { path, prints: 0, outputBytes: 0, inflatedBytes: 0, fileBytes: 0 };
  const random = new Random(seed);
  const who = { sid: random.uuid(), user: "dana@example.com" };
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const records = new RecordWriter(PART_BYTES);
  const flush = async () => {
    const plain = records.take();
    const payload = fast ? gzipSync(plain, { level: 1 }) : gzipMember(plain);
    const part = writePart([], { faults: { payload } });
    for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
    written.inflatedBytes += plain.length;
    written.fileBytes += part.length;
  };
  const timeOf = (ms: number) => new Date(ms).toISOString();
  records.event({ event: "session.start", ei: 0, time: timeOf(START_MS), ...who, size: "120:40" });
  let atMs = START_MS;
  for (const { gapMs, data } of endless(SHAPES[shape](random))) {
    if (written.inflatedBytes + records.size >= inflatedBytes) break;
    atMs += gapMs;
    const { prints, outputBytes } = written;
    const whole = Math.floor(atMs);
    const delayMs = whole - START_MS;
    const print: PrintRecord = {
      ...{ ei: prints + 1, ci: prints, atMs: whole, data, delayMs, offset: outputBytes },
    };
    if (prints % 10_007 === 0) RecordWriter.check(print);
    records.print(print);
    written.prints += 1;
    written.outputBytes += data.length;
    if (records.size >= PART_BYTES) await flush();
  }
  const ei = written.prints + 1;
  records.event({ event: "session.end", ei, time: timeOf(atMs), ...who, interactive: true });
  await flush();
  return written;
}

function* endless(
  prints: Iterable<{ gapMs: number; data: string }>,
): Generator<{ gapMs: number; data: Uint8Array }> {
  const encoder = new TextEncoder();
  const made: { gapMs: number; data: Uint8Array }[] = [];
  for (const { gapMs, data } of prints) {
    const print = { gapMs, data: encoder.encode(data) };
    made.push(print);
    yield print;
    if (made.length === MADE_UP) break;
  }
  for (;;) yield* made;
}
