import { inflateAlone } from "./baseline.ts";
import { decodeAlone, decodeAndMeasure } from "./decode.ts";
import { writeShape, type WrittenRecording } from "./inputs.ts";
import { measure, table } from "./measure.ts";
import { type ShapeName, SHAPES } from "./shapes.ts";
import type { Targets } from "./targets.ts";

const MIB = 1024 * 1024;

/** What decoding with all features may cost, in times of a streaming inflate. */
const TARGETS: Readonly<Partial<Record<ShapeName, number>>> = {
  "typing mix": 2,
  "tiny redraws": 2.5,
};

/**
 * Decoding and measuring against inflating alone, for each shape of output: a table. Times are of
 * the processor, since ratios by the clock say more of what else a busy machine does.
 */
export async function benchSpeed(
  folder: string,
  { rounds, inflatedBytes, targets }: { rounds: number; inflatedBytes: number; targets: Targets },
): Promise<string> {
  const rows: string[][] = [];
  for (const shape of Object.keys(SHAPES) as ShapeName[]) {
    const path = `${folder}/${shape.replace(" ", "-")}.tar`;
    const written = await writeShape(path, { shape, inflatedBytes, seed: `speed ${shape}` });
    rows.push(await benchShape(shape, written, { rounds, targets }));
  }
  const head = ["shape", "bytes a print", "inflate", "decode", "with features"];
  return table([...head, "decode ratio", "features ratio", "target", "prints/s", "MB/s"], rows);
}

async function benchShape(
  shape: ShapeName,
  written: WrittenRecording,
  { rounds, targets }: { rounds: number; targets: Targets },
): Promise<string[]> {
  const bytes = Deno.readFileSync(written.path);
  const { inflate, decode, features } = await measure({
    inflate: () => inflateAlone(bytes),
    decode: () => decodeAlone(bytes),
    features: () => decodeAndMeasure(bytes),
  }, { rounds });
  equal(inflate.result, written.inflatedBytes, "inflated bytes");
  equal(decode.result, written.prints + 2, "events");
  equal(features.result, written.prints, "prints measured");
  const perSecond = 1000 / features.processorMs;
  const target = TARGETS[shape];
  const ratio = features.processorMs / inflate.processorMs;
  if (target !== undefined) targets.atMost(`${shape}, in times of an inflate`, ratio, target);
  return [
    shape,
    (written.outputBytes / written.prints).toFixed(1),
    `${inflate.processorMs.toFixed(0)} ms`,
    `${decode.processorMs.toFixed(0)} ms`,
    `${features.processorMs.toFixed(0)} ms`,
    (decode.processorMs / inflate.processorMs).toFixed(2),
    ratio.toFixed(2),
    target === undefined ? "" : target.toFixed(1),
    `${(written.prints * perSecond / 1e6).toFixed(2)} M`,
    (written.inflatedBytes * perSecond / MIB).toFixed(0),
  ];
}

function equal(found: number, expected: number, what: string): void {
  if (found !== expected) throw new Error(`${what}: ${found} instead of ${expected}`);
}
