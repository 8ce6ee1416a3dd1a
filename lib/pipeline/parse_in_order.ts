import { ParsePool, type PoolOptions } from "./parse_pool.ts";
import { type ParsedRecording, parseRecording } from "./parse_recording.ts";

/** Files looked at ahead of the one that is handed out; what is parsed waits, reduced to rows. */
const AHEAD = 32;
/** Below so many bytes ahead, starting workers would take longer than they save. */
const WORTH_WORKERS_BYTES = 24 * 1024 * 1024;
/** More would wait for the one that writes the store. */
const MAX_WORKERS = 4;

export interface ParseInOrderOptions extends Partial<PoolOptions> {
  /** Bytes ahead from which on workers are started; for tests and measurements. */
  worthWorkersBytes?: number;
}

/**
 * Parses recordings and hands them out in the order of `items`, so that what is stored does not
 * depend on which was done first. Many bytes are parsed by workers, one a processor; little by this
 * process itself.
 */
export async function* parseInOrder<Item extends { path: string }>(
  items: AsyncIterable<Item>,
  options: ParseInOrderOptions = {},
): AsyncGenerator<{ item: Item; parsed: ParsedRecording }> {
  const { workers = defaultWorkers(), worthWorkersBytes = WORTH_WORKERS_BYTES } = options;
  const source = items[Symbol.asyncIterator]();
  using pools = new DisposableStack();
  let pool: ParsePool | null = null;
  const ahead: { item: Item; bytes: number; parsed: Promise<ParsedRecording> | null }[] = [];
  let bytesAhead = 0;
  let more = true;
  try {
    for (;;) {
      while (more && ahead.length < AHEAD) {
        const step = await source.next();
        if (step.done) more = false;
        else {
          const bytes = await sizeOf(step.value.path);
          bytesAhead += bytes;
          ahead.push({ item: step.value, bytes, parsed: pool?.parse(step.value.path) ?? null });
        }
      }
      if (pool === null && workers > 1 && ahead.length > 1 && bytesAhead >= worthWorkersBytes) {
        pool = pools.use(new ParsePool({ ...options, workers }));
        for (const file of ahead) file.parsed = pool.parse(file.item.path);
      }
      const first = ahead.shift();
      if (first === undefined) return;
      bytesAhead -= first.bytes;
      const { item, parsed } = first;
      yield { item, parsed: await (parsed ?? parseRecording(item.path)) };
    }
  } finally {
    await source.return?.();
  }
}

function defaultWorkers(): number {
  return Math.min(MAX_WORKERS, navigator.hardwareConcurrency);
}

// A file that can't be looked at now will say why when it is parsed.
async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch {
    return 0;
  }
}
