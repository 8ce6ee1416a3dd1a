import type { RecordingPart } from "../model/recording_part.ts";
import { failedRecording, type ParsedRecording, parseRecording } from "./parse_recording.ts";

/**
 * What a worker says: once that it is there, then for each path it was sent one recording, or the
 * name of an exception that nobody foresaw.
 */
export type WorkerAnswer = { ready: true } | { parsed: ParsedRecording } | { fault: string };

export interface PoolOptions {
  workers: number;
  /** The module that workers run; another one only in tests. */
  script?: URL;
}

/** What a worker is sent: a file, and the part of it that is to be measured. */
export interface WorkerTask {
  path: string;
  part?: RecordingPart | undefined;
}

interface Job extends WorkerTask {
  done: (parsed: ParsedRecording) => void;
}

/**
 * Workers that parse recordings, each one file at a time, in the order of the calls. A worker that
 * dies costs the file it had in hand, which comes out `failed`, and is replaced. Where workers
 * can't be started at all, files are parsed in this process. Workers have the permissions of the
 * process; they make use of reading only. Close it with `using`, when all promises are settled.
 */
export class ParsePool implements Disposable {
  readonly #script: URL;
  readonly #waiting: Job[] = [];
  readonly #workers = new Map<Worker, Job | null>();
  #useless = false;

  constructor({ workers, script }: PoolOptions) {
    this.#script = script ?? new URL("./parse_worker.ts", import.meta.url);
    for (let i = 0; i < workers; i++) this.#start();
  }

  /** Parses a recording as soon as a worker is free. Never rejects for what a file holds. */
  parse({ path, part }: WorkerTask): Promise<ParsedRecording> {
    if (this.#useless) return parseRecording(path, { part });
    return new Promise((done) => {
      this.#waiting.push({ path, part, done });
      this.#next();
    });
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers.keys()) worker.terminate();
    this.#workers.clear();
  }

  // A worker takes part once it has said that it is ready.
  #start(): void {
    const worker = new Worker(this.#script, { type: "module", name: "recordings" });
    let ready = false;
    worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => {
      ready = true;
      const job = this.#workers.get(worker);
      this.#workers.set(worker, null);
      if ("parsed" in data) job?.done(data.parsed);
      if ("fault" in data) {
        job?.done(failedRecording(job.path, `It could not be read: ${data.fault}`));
      }
      this.#next();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#died(worker, ready);
    };
    worker.onmessageerror = () => this.#died(worker, ready);
  }

  #next(): void {
    for (const [worker, busy] of this.#workers) {
      if (busy !== null) continue;
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#workers.set(worker, job);
      worker.postMessage({ path: job.path, part: job.part } satisfies WorkerTask);
    }
  }

  #died(worker: Worker, wasReady: boolean): void {
    const job = this.#workers.get(worker);
    this.#workers.delete(worker);
    worker.terminate();
    job?.done(failedRecording(job.path, "The worker that read it stopped"));
    if (wasReady) return this.#start();
    if (this.#workers.size > 0) return;
    this.#useless = true;
    for (const { path, part, done } of this.#waiting.splice(0)) {
      parseRecording(path, { part }).then(done);
    }
  }
}
