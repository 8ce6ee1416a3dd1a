import type { Config, SourceConfig } from "../config/config.ts";
import { sourceFault } from "../model/source_fault.ts";
import { classifyInLots } from "../phase1/classify.ts";
import type { Phase2Summary } from "../phase2/judge_subjects.ts";
import { loadPrompt } from "../phase2/prompt.ts";
import { loadPack } from "../phase1/pack.ts";
import type { Shard } from "../model/shard.ts";
import type { RulePack } from "../phase1/rule.ts";
import { correlateSessions, type CorrelationSummary, noCorrelations } from "./across/correlate.ts";
import { readIdentityTable } from "../sources/identity_table.ts";
import { type Coverage, coverageInSteps, coverageNumbers, noCoverage } from "../store/coverage.ts";
import { beginRun, finishRun } from "../store/runs.ts";
import { openStore, type Store } from "../store/store.ts";
import { parseRecordings } from "./recordings/parse_recordings.ts";
import { runPhase2 } from "./phase2/phase2.ts";
import { putAcross } from "./across/put_across.ts";
import { CONFLICT } from "./recordings/recording_conflict.ts";
import { Phase2Meter, type Phase2Volume } from "./phase2/phase2_volume.ts";
import { hearSignal, inSteps } from "../model/hear_signal.ts";
import { pullSource } from "./pull_source.ts";
import { lockStore } from "./run_lock.ts";
import { sourceName } from "./source_name.ts";

/** How a run is asked for. */
export interface RunOptions {
  /** Folder of the rule packs. */
  rules: string;
  /** The clock: of windows without an end, and of all that is written. */
  now: () => Date;
  /** Window of the pull; without them all that a local archive holds, until now. */
  since?: Date;
  /** End of the window, itself excluded. */
  until?: Date;
  /**
   * One machine's share of a backfill: of Teleport's sessions and of files of recordings those that
   * are its by their ids; logs of API calls, which can't be divided so, are read by the first.
   */
  shard?: Shard;
  /** Rules only, also where a model is configured. */
  noPhase2?: boolean;
  /** Told what is being done, a line a step. */
  onStep?: (text: string) => void;
  /** Told what the model was asked and what that cost so far, after each session. */
  onAsked?: (summary: Phase2Summary) => void;
  /** Stops queries and downloads that are under way. */
  signal?: AbortSignal;
}

/** What a run did, for people and for machines. */
export interface RunSummary {
  /** Its path. */
  store: string;
  /** Version of the rules, `phase1@<rules hash>`. */
  rules: string;
  /** How long it took. */
  seconds: number;
  /** How many `sessions` and `recordings` each `source` gave; one that failed is not among them. */
  sources: { source: string; sessions: number; recordings: number }[];
  /** Verdicts of phase 1 on sessions, by type. */
  verdicts: Record<string, number>;
  /** What phase 2 would read, and at what price; nothing has been sent. */
  phase2: Phase2Volume;
  /** What phase 2 did; null where it did not run. */
  model: Phase2Summary | null;
  /** What sessions of one identity on several substrates came to. */
  across: CorrelationSummary;
  coverage: Coverage;
  /** Inputs that could not be read: sources, folders, files. Empty: exit status 0. */
  problems: string[];
}

/**
 * The whole pipeline over one store, under its run lock: pull, parse, judge, correlate, coverage. A source
 * that fails is a problem in the summary; the others go on. Throws the signal's reason.
 */
export async function runPipeline(config: Config, options: RunOptions): Promise<RunSummary> {
  const began = options.now();
  const pack = await loadPack(options.rules);
  const prompt = await loadPrompt();
  using _lock = lockStore(config.store, { command: "run", now: began });
  using store = openStore(config.store, { now: options.now });
  const run = beginRun(store, { command: "run", version: pack.version, now: began });
  const summary: RunSummary = {
    store: config.store,
    rules: pack.version,
    seconds: 0,
    sources: [],
    verdicts: {},
    phase2: new Phase2Meter(config.phase2, prompt).total(),
    model: null,
    across: noCorrelations(),
    coverage: noCoverage(),
    problems: [],
  };
  try {
    await runSteps(store, summary, { config, pack, options, runId: run.runId });
  } catch (error) {
    try {
      finishRun(store, run, { outcome: "failed", summary: {}, now: options.now() });
    } catch {
      // a disk that is full: the first fault is the one to tell
    }
    throw error;
  }
  const ended = options.now();
  summary.seconds = (ended.getTime() - began.getTime()) / 1000;
  finishRun(store, run, {
    outcome: summary.problems.length === 0 ? "done" : "partial",
    summary: {
      ...summary.verdicts,
      ...coverageNumbers(summary.coverage),
      problems: summary.problems.length,
    },
    now: ended,
  });
  return summary;
}

/** Pulls every source, judges, and counts what the store covers then; all into the summary. */
async function runSteps(
  store: Store,
  summary: RunSummary,
  { config, pack, options, runId }: {
    config: Config;
    pack: RulePack;
    options: RunOptions;
    runId: number;
  },
): Promise<void> {
  const { signal } = options;
  const step = async (text: string) => {
    options.onStep?.(text);
    await hearSignal(signal);
  };
  // a fault in it is told before anything is pulled
  if (config.identity.table !== undefined) await readIdentityTable(config.identity.table);
  for (const source of config.sources) {
    const name = sourceName(source);
    await step(`Reading ${name}`);
    try {
      const pulled = await pullAny(store, source, { ...options, runId, sessions: config.sessions });
      summary.sources.push({ source: name, ...pulled.counts });
      summary.problems.push(...pulled.problems);
    } catch (error) {
      summary.problems.push(`${name}: ${sourceFault(error)}`);
    }
  }
  await step("Putting identities together");
  await putAcross(store, { ...config, now: options.now(), signal });
  await step(`Judging by ${pack.version}`);
  const { prior } = config.phase1;
  const meter = new Phase2Meter(config.phase2, await loadPrompt());
  const lots = classifyInLots(store, pack, {
    ...{ now: options.now(), prior },
    onRouting: (routing, row) => meter.add(routing, row),
  });
  summary.verdicts = (await inSteps(lots, signal)).types;
  summary.phase2 = meter.total();
  if (config.phase2 !== undefined && !options.noPhase2) {
    await step(`Asking ${config.phase2.model}`);
    const judged = await runPhase2(store, config.phase2, {
      ...{ config, now: options.now, signal },
      ...(options.onAsked && { onProgress: options.onAsked }),
    });
    summary.model = judged;
    if (judged.stopped !== null) summary.problems.push(`phase 2: ${judged.stopped}`);
  }
  await step("Correlating");
  summary.across = await correlateSessions(store, { ...config, now: options.now(), signal });
  summary.coverage = await inSteps(coverageInSteps(store), signal);
}

function noRecording(folder: string): string {
  return `No recording was found in ${
    JSON.stringify(folder)
  }: name a folder of .tar or .cast files`;
}

interface Pulled {
  counts: { sessions: number; recordings: number };
  problems: string[];
}

async function pullAny(
  store: Store,
  source: SourceConfig,
  options: RunOptions & Pick<Config, "sessions"> & { runId: number },
): Promise<Pulled> {
  const { shard } = options;
  if (source.kind === "recordings") {
    const parsed = await parseRecordings([source.folder], {
      ...{ store, now: options.now() },
      ...{ signal: options.signal, shard },
    });
    const isEmpty = parsed.files + parsed.unreadable.length === 0;
    return {
      counts: { sessions: parsed.sessions, recordings: parsed.files },
      problems: [
        ...(isEmpty && shard === undefined ? [noRecording(source.folder)] : []),
        ...parsed.unreadable.map(({ path, problem }) => `${path}: ${problem}`),
        ...(parsed.conflicts > 0 ? [`${parsed.conflicts} recordings left out: ${CONFLICT}`] : []),
      ],
    };
  }
  if (source.kind !== "teleport" && shard !== undefined && shard.index !== 1) {
    return { counts: { sessions: 0, recordings: 0 }, problems: [] };
  }
  const filter = source.kind === "teleport" ? { shard } : {};
  const { sessions, recordings, problems } = await pullSource(store, source, {
    ...options,
    filter,
  });
  return { counts: { sessions, recordings }, problems };
}
