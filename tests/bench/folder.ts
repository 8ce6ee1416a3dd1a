import { parseRecordings } from "../../lib/pipeline/parse_recordings.ts";
import { writeShape, type WrittenRecording } from "./inputs.ts";
import { measure, table } from "./measure.ts";
import { type ShapeName, SHAPES } from "./shapes.ts";

const MIB = 1024 * 1024;

/** What two workers are to be faster by. */
const TARGET = 1.5;

/** A folder of recordings parsed by this process alone and by two workers: a table. */
export async function benchFolder(
  folder: string,
  options: { rounds: number; files: number; fileBytes: number },
): Promise<string> {
  const recordings = `${folder}/recordings`;
  await Deno.mkdir(recordings);
  const written = await writeFolder(recordings, options);
  const prints = written.reduce((sum, file) => sum + file.prints, 0);
  const parse = (workers: number) => async () => {
    let measured = 0;
    await parseRecordings([recordings], {
      ...{ store: null, now: new Date(0), workers, worthWorkersBytes: 0 },
      onFile: ({ pty }) => void (measured += pty?.pty_events ?? 0),
    });
    return measured;
  };
  const { one, two } = await measure({ one: parse(1), two: parse(2) }, options);
  for (const { result } of [one, two]) {
    if (result !== prints) throw new Error(`${result} prints, not ${prints}`);
  }
  const bytes = written.reduce((sum, file) => sum + file.inflatedBytes, 0);
  const ratio = one.ms / two.ms;
  const row = [
    `${written.length}, ${(bytes / MIB).toFixed(0)} MiB inflated`,
    ...[one, two].map(({ ms }) => `${ms.toFixed(0)} ms`),
    ...[ratio, TARGET].map((times) => times.toFixed(2)),
    `${(bytes / MIB / two.ms * 1000).toFixed(0)}`,
  ];
  return table(["files", "one", "two", "times as fast", "target", "MB/s on two"], [row]);
}

async function writeFolder(
  folder: string,
  { files, fileBytes }: { files: number; fileBytes: number },
): Promise<WrittenRecording[]> {
  const shapes = Object.keys(SHAPES) as ShapeName[];
  const written: WrittenRecording[] = [];
  for (let i = 0; i < files; i++) {
    const shape = shapes[i % shapes.length]!;
    const path = `${folder}/${String(i).padStart(3, "0")}.tar`;
    written.push(await writeShape(path, { shape, inflatedBytes: fileBytes, seed: `folder ${i}` }));
  }
  return written;
}
