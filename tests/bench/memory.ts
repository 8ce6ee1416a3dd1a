import { fileURLToPath } from "node:url";
import { writeShape, type WrittenRecording } from "./inputs.ts";
import { table } from "./measure.ts";

const MIB = 1024 * 1024;
const SMALL_BYTES = 10 * MIB;
const READER = fileURLToPath(new URL("./memory_reader.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** Peak memory for a small and a large recording, each read by a process of its own: a table. */
export async function benchMemory(
  folder: string,
  { largeBytes }: { largeBytes: number },
): Promise<string> {
  const rows: string[][] = [];
  let smallPeak = NaN;
  for (const inflatedBytes of [SMALL_BYTES, largeBytes]) {
    const path = `${folder}/memory.tar`;
    const shape = "typing mix";
    const written = await writeShape(path, { shape, inflatedBytes, seed: "memory", fast: true });
    const peak = peakOf(written);
    if (Number.isNaN(smallPeak)) smallPeak = peak;
    rows.push([
      `${(inflatedBytes / MIB).toFixed(0)} MiB inflated`,
      `${(written.fileBytes / MIB).toFixed(0)} MiB`,
      `${(written.prints / 1e6).toFixed(2)} M`,
      `${(peak / MIB).toFixed(0)} MiB`,
      `${((peak - smallPeak) / MIB).toFixed(0)} MiB`,
    ]);
    await Deno.remove(path);
  }
  return table(["recording", "file", "prints", "peak", "above the small one (target 143)"], rows);
}

// The largest resident size met between batches, in bytes.
function peakOf(written: WrittenRecording): number {
  const { code, stdout } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-read", "--config", CONFIG, READER, written.path],
    stderr: "inherit",
  }).outputSync();
  const result = new TextDecoder().decode(stdout);
  if (code !== 0) throw new Error(`The reader ended with ${code}`);
  const { prints, peakBytes } = JSON.parse(result);
  if (prints !== written.prints) throw new Error(`${prints} prints, not ${written.prints}`);
  return peakBytes;
}
