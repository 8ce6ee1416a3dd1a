import type { RecordingPart } from "../../model/recording_part.ts";
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
  /** A worker died that had it, and others before it: nobody knows of which. */
  suspect: boolean;
}

/**
 * Workers that parse recordings, each one file at a time, in the order of the calls. One worker is
 * sent all files at once, so that it need not wait for its next one; several get one each. A worker
 * that dies costs the file it had in hand, which comes out `failed`, and is replaced. Where workers
 * can't be started at all, files are parsed in this process. Workers have the permissions of the
 * process; they make use of reading only. Close it with `using`, when all promises are settled.
 */
export class ParsePool implements Disposable {
  readonly #script: URL;
  readonly #waiting: Job[] = [];
  /** The files that each was sent, in order; null until it says that it is there. */
  readonly #workers = new Map<Worker, Job[] | null>();
  #wanted = 0;
  #useless = false;

  constructor({ workers, script }: PoolOptions) {
    this.#script = script ?? new URL("./parse_worker.ts", import.meta.url);
    this.grow(workers);
  }

  /** Starts workers until there are so many. */
  grow(workers: number): void {
    for (; this.#wanted < workers; this.#wanted++) this.#start();
  }

  /** Parses a recording as soon as a worker is free. Never rejects for what a file holds. */
  parse({ path, part }: WorkerTask): Promise<ParsedRecording> {
    if (this.#useless) return parseRecording(path, { part });
    return new Promise((done) => {
      this.#waiting.push({ path, part, done, suspect: false });
      this.#next();
    });
  }

  [Symbol.dispose](): void {
    for (const worker of this.#workers.keys()) worker.terminate();
    this.#workers.clear();
  }

  #start(): void {
    const worker = new Worker(this.#script, { type: "module", name: "recordings" });
    this.#workers.set(worker, null);
    worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => {
      if (!this.#workers.has(worker)) return;
      if ("ready" in data) this.#workers.set(worker, []);
      else {
        const job = this.#workers.get(worker)?.shift();
        job?.done(
          "parsed" in data
            ? data.parsed
            : failedRecording(job.path, `It could not be read: ${data.fault}`),
        );
      }
      this.#next();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#died(worker);
    };
    worker.onmessageerror = () => this.#died(worker);
  }

  #next(): void {
    for (const [worker, jobs] of this.#workers) {
      while (jobs !== null && this.#mayTake(jobs)) {
        const job = this.#waiting.shift()!;
        jobs.push(job);
        worker.postMessage({ path: job.path, part: job.part } satisfies WorkerTask);
      }
    }
  }

  #mayTake(jobs: readonly Job[]): boolean {
    const [next] = this.#waiting;
    if (next === undefined) return false;
    return jobs.length === 0 || (this.#wanted === 1 && !next.suspect && !jobs.at(-1)!.suspect);
  }

  #died(worker: Worker): void {
    const jobs = this.#workers.get(worker);
    if (jobs === undefined) return;
    this.#workers.delete(worker);
    worker.terminate();
    if (jobs === null) return this.#doWithout();
    if (jobs.length === 1) {
      jobs[0]!.done(failedRecording(jobs[0]!.path, "The worker that read it stopped"));
    } else this.#waiting.unshift(...jobs.map((job) => ({ ...job, suspect: true })));
    this.#start();
    this.#next();
  }

  // A worker that could not be started; the last of them.
  #doWithout(): void {
    if (this.#workers.size > 0) return;
    this.#useless = true;
    for (const { path, part, done } of this.#waiting.splice(0)) {
      parseRecording(path, { part }).then(done);
    }
  }
}
