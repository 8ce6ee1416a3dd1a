import {
  encodeEvent,
  encodeRecord,
  type EventObject,
  writePart,
} from "../../fixtures/generate/protostream_writer.ts";
import { Random } from "../../fixtures/generate/random.ts";
import { type ShapeName, SHAPES } from "./shapes.ts";

/** What a written recording holds, so that whoever reads it can be checked. */
export interface WrittenRecording {
  path: string;
  prints: number;
  outputBytes: number;
  inflatedBytes: number;
  fileBytes: number;
}

/** Plain bytes of one part; Teleport closes one at 128 KiB or 5 MiB of gzip. */
const PART_BYTES = 4 * 1024 * 1024;
const START_MS = Date.UTC(2024, 4, 17, 9, 30);

/**
 * Writes a recording of a shape, `inflatedBytes` long when inflated, part by part: memory holds
 * one part. The same seed gives the same bytes.
 */
export async function writeShape(
  path: string,
  { shape, inflatedBytes, seed }: { shape: ShapeName; inflatedBytes: number; seed: string },
): Promise<WrittenRecording> {
  const written = { path, prints: 0, outputBytes: 0, inflatedBytes: 0, fileBytes: 0 };
  const random = new Random(seed);
  const sid = random.uuid();
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  let records: Uint8Array[] = [];
  let partBytes = 0;
  let ei = 0;
  let atMs = START_MS;
  const flush = async () => {
    const part = writePart(records);
    for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
    written.inflatedBytes += partBytes;
    written.fileBytes += part.length;
    records = [];
    partBytes = 0;
  };
  const add = async (event: EventObject) => {
    const time = new Date(atMs).toISOString();
    const record = encodeRecord(encodeEvent({ ei: ei++, time, ...event }));
    records.push(record);
    partBytes += record.length;
    if (partBytes >= PART_BYTES) await flush();
  };
  await add({ event: "session.start", sid, user: "dana@example.com", size: "120:40" });
  for (const { gapMs, data } of SHAPES[shape](random)) {
    if (written.inflatedBytes + partBytes >= inflatedBytes) break;
    atMs += gapMs;
    const bytes = new TextEncoder().encode(data);
    await add({
      event: "print",
      data: bytes,
      bytes: bytes.length,
      ci: written.prints,
      ms: Math.floor(atMs - START_MS),
      offset: written.outputBytes,
    });
    written.prints += 1;
    written.outputBytes += bytes.length;
  }
  await add({ event: "session.end", sid, interactive: true });
  await flush();
  return written;
}
