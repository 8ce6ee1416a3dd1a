import { ParsePool, type PoolOptions } from "./parse_pool.ts";
import { type ParsedRecording, parseRecording } from "./parse_recording.ts";
import type { RecordingPart } from "../../model/recording_part.ts";
import type { RecordingFile } from "../../sources/teleport/recording_place.ts";

/** Files looked at ahead of the one that is handed out; what is parsed waits, reduced to rows. */
const AHEAD = 32;
/** For fewer bytes than this, starting a worker would take longer than it saves. */
const WORTH_WORKERS_BYTES = 24 * 1024 * 1024;
/**
 * Of shorter files, one worker parses as many as can be stored meanwhile; a second would save no
 * time and cost its memory.
 */
const WORTH_ALL_WORKERS_BYTES = 64 * 1024;
/** More would wait for the one that writes the store. */
const MAX_WORKERS = 4;

/** How many files are parsed at a time, and by whom; nothing of it changes what comes out. */
export interface ParseInOrderOptions extends Partial<PoolOptions> {
  /** Bytes from which on a worker is started; for tests and measurements. */
  worthWorkersBytes?: number;
  /** Bytes a file, on average of those ahead, from which on all are. */
  worthAllWorkersBytes?: number;
  /** Files looked at ahead of the one that is handed out; remote ones are all read at once. */
  ahead?: number;
  /** Once aborted, nothing more is handed out: its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/**
 * What is parsed: a local file by its path, or a file that lies elsewhere; `part`: only what was
 * printed in that time.
 */
type ParseItem = ({ path: string } | { file: RecordingFile }) & { part?: RecordingPart };

/**
 * Parses recordings and hands them out in the order of `items`, so that what is stored does not
 * depend on which was done first. Many local bytes are parsed by workers: one for small files, one
 * a processor for others. Few, and what comes over a network, are parsed by this process itself.
 */
export async function* parseInOrder<Item extends ParseItem>(
  items: AsyncIterable<Item>,
  options: ParseInOrderOptions = {},
): AsyncGenerator<{ item: Item; parsed: ParsedRecording }> {
  const { workers = defaultWorkers(), worthWorkersBytes = WORTH_WORKERS_BYTES } = options;
  const { worthAllWorkersBytes = WORTH_ALL_WORKERS_BYTES } = options;
  const maxAhead = options.ahead ?? AHEAD;
  const source = items[Symbol.asyncIterator]();
  using pools = new DisposableStack();
  let pool: ParsePool | null = null;
  const ahead: { item: Item; bytes: number; parsed: Promise<ParsedRecording> | null }[] = [];
  let bytesAhead = 0;
  let bytesSeen = 0;
  let more = true;
  const worthWorkers = () =>
    bytesAhead >= worthWorkersBytes ||
    (bytesSeen >= worthWorkersBytes && ahead.length === maxAhead);
  try {
    for (;;) {
      while (more && ahead.length < maxAhead) {
        const step = await source.next();
        if (step.done) more = false;
        else {
          const path = localPath(step.value);
          const bytes = path === null ? 0 : await sizeOf(step.value);
          bytesAhead += bytes;
          bytesSeen += bytes;
          const { part } = step.value;
          const parsed = path === null ? begin(step.value) : pool?.parse({ path, part }) ?? null;
          ahead.push({ item: step.value, bytes, parsed });
        }
      }
      if (pool === null && workers > 1 && ahead.length > 1 && worthWorkers()) {
        pool = pools.use(new ParsePool({ ...options, workers: 1 }));
        for (const file of ahead) {
          const path = localPath(file.item);
          if (path !== null) file.parsed = pool.parse({ path, part: file.item.part });
        }
      }
      if (bytesAhead >= worthAllWorkersBytes * ahead.length) pool?.grow(workers);
      const first = ahead.shift();
      if (first === undefined) return;
      bytesAhead -= first.bytes;
      const { item, parsed } = first;
      const done = await (parsed ?? parseRecording(fileOf(item), item));
      options.signal?.throwIfAborted();
      yield { item, parsed: done };
    }
  } finally {
    // what workers have in hand is dropped with them; what this process began goes on to its end
    const begun = ahead.filter(({ item }) => localPath(item) === null);
    await Promise.allSettled(begun.map(({ parsed }) => parsed));
    await source.return?.();
  }
}

function fileOf(item: ParseItem): string | RecordingFile {
  return "file" in item ? item.file : item.path;
}

function localPath(item: ParseItem): string | null {
  return "file" in item ? item.file.path : item.path;
}

// What goes wrong is told when its turn comes.
function begin(item: ParseItem): Promise<ParsedRecording> {
  const parsed = parseRecording(fileOf(item), item);
  parsed.catch(() => {});
  return parsed;
}

function defaultWorkers(): number {
  return Math.min(MAX_WORKERS, navigator.hardwareConcurrency);
}

// A file that can't be looked at now will say why when it is parsed.
async function sizeOf(item: ParseItem): Promise<number> {
  try {
    return "file" in item ? await item.file.size() : (await Deno.stat(item.path)).size;
  } catch {
    return 0;
  }
}
