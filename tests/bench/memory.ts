import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startS3Server } from "../sources/loopback/s3_server.ts";
import { writeShape, type WrittenRecording } from "./inputs.ts";
import { table } from "./measure.ts";
import type { Targets } from "./targets.ts";

const MIB = 1024 * 1024;
const SMALL_BYTES = 10 * MIB;
/** What a large recording may take above a small one. */
const MAX_ABOVE_MIB = 143;
const FROM = { file: "a file", s3: "S3" };
const READER = fileURLToPath(new URL("./memory_reader.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/**
 * Peak memory for a small and a large recording, each read by processes of their own, from a file
 * and from S3: a table.
 */
export async function benchMemory(
  folder: string,
  { largeBytes, targets }: { largeBytes: number; targets: Targets },
): Promise<string> {
  await using s3 = await startS3Server({ bucket: "b", folder });
  const rows: string[][] = [];
  const small = { file: NaN, s3: NaN };
  for (const inflatedBytes of [SMALL_BYTES, largeBytes]) {
    const name = "memory.tar";
    const path = join(folder, name);
    const shape = "typing mix";
    const written = await writeShape(path, { shape, inflatedBytes, seed: "memory", fast: true });
    const peaks = {
      file: await peakOf(written, [path]),
      s3: await peakOf(written, [name, s3.endpoint]),
    };
    for (const from of ["file", "s3"] as const) {
      const above = (peaks[from] - small[from]) / MIB;
      if (Number.isNaN(small[from])) small[from] = peaks[from];
      else targets.atMost(`a large recording from ${FROM[from]}, MiB more`, above, MAX_ABOVE_MIB);
      rows.push([
        `${(inflatedBytes / MIB).toFixed(0)} MiB inflated, from ${FROM[from]}`,
        `${(written.fileBytes / MIB).toFixed(0)} MiB`,
        `${(written.prints / 1e6).toFixed(2)} M`,
        `${(peaks[from] / MIB).toFixed(0)} MiB`,
        `${((peaks[from] - small[from]) / MIB).toFixed(0)} MiB`,
      ]);
    }
    await Deno.remove(path);
  }
  return table([
    "recording",
    "file",
    "prints",
    "peak",
    `above the small one (target ${MAX_ABOVE_MIB})`,
  ], rows);
}

// The largest resident size met between batches, in bytes.
async function peakOf(written: WrittenRecording, from: readonly string[]): Promise<number> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", "--config", CONFIG, READER, ...from],
    stderr: "inherit",
  }).output();
  const result = new TextDecoder().decode(stdout);
  if (code !== 0) throw new Error(`The reader ended with ${code}`);
  const { prints, peakBytes } = JSON.parse(result);
  if (prints !== written.prints) throw new Error(`${prints} prints, not ${written.prints}`);
  return peakBytes;
}
