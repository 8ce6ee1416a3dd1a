/// <reference lib="deno.worker" />
/**
 * A worker that parses recordings, one at a time, for {@link ParsePool}. It reads files and nothing
 * else: it writes nowhere, and what it sends back is numbers and names, never what was printed.
 *
 * @module
 */
import { parseRecording } from "./parse_recording.ts";
import type { WorkerAnswer, WorkerTask } from "./parse_pool.ts";

const answer = (message: WorkerAnswer) => self.postMessage(message);

let last = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<WorkerTask>) => void (last = last.then(() => parse(data)));

async function parse({ path, part }: WorkerTask): Promise<void> {
  try {
    answer({ parsed: await parseRecording(path, { part }) });
  } catch (cause) {
    // thrown on, it would be printed with whatever its message says
    answer({ fault: cause instanceof Error ? cause.name : "unknown" });
  }
}

answer({ ready: true });
