import { cpus } from "node:os";
import process from "node:process";
import { ParsePool } from "../../lib/pipeline/recordings/parse_pool.ts";
import { writeShape, type WrittenRecording } from "./inputs.ts";
import { measure, median, table } from "./measure.ts";
import { type ShapeName, SHAPES } from "./shapes.ts";
import type { Targets } from "./targets.ts";

const MIB = 1024 * 1024;

/** What two workers are to be faster by. */
const TARGET = 1.5;

/**
 * A folder of recordings parsed by a pool of one worker and by a pool of two: a table. Both pools
 * have parsed the whole folder once before it counts, so that neither pays for starting and
 * compiling.
 */
export async function benchFolder(
  folder: string,
  options: { rounds: number; files: number; fileBytes: number; targets: Targets },
): Promise<string> {
  const recordings = `${folder}/recordings`;
  await Deno.mkdir(recordings);
  const written = await writeFolder(recordings, options);
  using poolOfOne = new ParsePool({ workers: 1 });
  using poolOfTwo = new ParsePool({ workers: 2 });
  const used = new Map<ParsePool, ProcessorUse[]>([[poolOfOne, []], [poolOfTwo, []]]);
  const parse = (pool: ParsePool) => async () => {
    const before = processorTimes();
    const parsed = await Promise.all(written.map(({ path }) => pool.parse({ path })));
    used.get(pool)!.push(useSince(before));
    return parsed.reduce((sum, { pty }) => sum + (pty?.pty_events ?? 0), 0);
  };
  const steps = { one: parse(poolOfOne), two: parse(poolOfTwo) };
  const { one, two } = await measure(steps, options);
  const prints = written.reduce((sum, file) => sum + file.prints, 0);
  for (const { result } of [one, two]) {
    if (result !== prints) throw new Error(`${result} prints, not ${prints}`);
  }
  const bytes = written.reduce((sum, file) => sum + file.inflatedBytes, 0);
  options.targets.atLeast("two workers, times as fast as one", one.ms / two.ms, TARGET);
  const rows = [[poolOfOne, one], [poolOfTwo, two]] as const;
  const cells = rows.map(([pool, { ms }], i) => {
    const [, ...rounds] = used.get(pool)!;
    const own = median(rounds.map(({ own }) => own));
    const others = median(rounds.map(({ others }) => others));
    return [
      `${i + 1}`,
      `${written.length}, ${(bytes / MIB).toFixed(0)} MiB inflated`,
      `${ms.toFixed(0)} ms`,
      (one.ms / ms).toFixed(2),
      i === 0 ? "" : TARGET.toFixed(2),
      `${(own / 1000).toFixed(2)} s`,
      `${(100 * others / ms).toFixed(0)} %`,
      `${(bytes / MIB / ms * 1000).toFixed(0)}`,
    ];
  });
  const head = ["workers", "files", "time", "times as fast", "target", "processor time"];
  return table([...head, "others' processor time", "MB/s"], cells);
}

/** Milliseconds of processors: this process's, and everybody's on this machine. */
interface ProcessorTimes {
  own: number;
  all: number;
}

/** What this process used of the processors, and what others did beside it. */
interface ProcessorUse {
  own: number;
  others: number;
}

function processorTimes(): ProcessorTimes {
  const { user, system } = process.cpuUsage();
  const busy = cpus().map(({ times }) => times.user + times.nice + times.sys + times.irq);
  return { own: (user + system) / 1000, all: busy.reduce((sum, ms) => sum + ms, 0) };
}

function useSince(before: ProcessorTimes): ProcessorUse {
  const after = processorTimes();
  const own = after.own - before.own;
  return { own, others: Math.max(0, after.all - before.all - own) };
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
