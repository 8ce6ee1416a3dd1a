import type { Config } from "../config/config.ts";
import { parseTime } from "../config/units.ts";
import { UsageError } from "../model/errors.ts";
import { sourceFault } from "../model/source_fault.ts";
import type { Store } from "../store/store.ts";
import {
  planSource,
  type PulledSource,
  pullSource,
  type SourcePlan,
  type SourcePullOptions,
} from "./pull_source.ts";
import { lockStore } from "./run_lock.ts";
import { sourceName } from "./source_name.ts";

/** What pulling one source of a configuration would read. */
export interface NamedPlan extends Omit<SourcePlan, "unknown"> {
  /** As messages name it: its kind, and where it is. */
  source: string;
  /** Why nothing, or not all, is known of it; null: all is. */
  problem: string | null;
}

/** What came of one source. */
export interface NamedPull {
  /** As messages name it: its kind, and where it is. */
  source: string;
  outcome: "pulled" | "left alone" | "failed";
  /** Sessions that were read. */
  sessions: number;
  /** Recordings that were read; 0 for logs of API calls. */
  recordings: number;
  /** What an engine read and bills; null where none was asked. */
  bytesScanned: number | null;
  /** Inputs that could not be had, a sentence each. */
  problems: string[];
}

/**
 * A window, as text: ISO dates or times, ages such as `30d`. Empty, `since` and `until` are what a
 * source takes itself.
 */
interface TextWindow {
  since?: string;
  until?: string;
}

/** What each source with a window would read, in the order of the configuration; nothing is asked. */
export async function planSources(
  store: Store,
  config: Config,
  window: TextWindow = {},
): Promise<NamedPlan[]> {
  const plans: NamedPlan[] = [];
  for (const source of windowed(config)) {
    const name = sourceName(source);
    try {
      const { unknown, ...plan } = await planSource(store, source, optionsOf(config, window));
      plans.push({ source: name, ...plan, problem: unknown });
    } catch (error) {
      plans.push({ source: name, ...NOTHING_KNOWN, problem: sourceFault(error) });
    }
  }
  return plans;
}

/**
 * Pulls the sources that would scan at most `mostBytes`, by their `plans`, under the store's run lock;
 * those of which that is not known are left alone. A source that fails does not keep the others.
 */
export async function pullPlanned(
  store: Store,
  config: Config,
  options: TextWindow & { plans: readonly NamedPlan[]; mostBytes: number },
): Promise<NamedPull[]> {
  const { plans, mostBytes } = options;
  using _lock = lockStore(store.path, { command: "pull", now: new Date() });
  const pulls: NamedPull[] = [];
  for (const source of windowed(config)) {
    const name = sourceName(source);
    const plan = plans.find((plan) => plan.source === name);
    const nothing = { sessions: 0, recordings: 0, bytesScanned: null, problems: [] };
    const tooMuch = plan === undefined || plan.problem !== null ||
      (plan.scannedAtMost ?? 0) > mostBytes;
    if (tooMuch) {
      pulls.push({ source: name, outcome: "left alone", ...nothing });
      continue;
    }
    try {
      const { days: _, ...pulled } = await pullSource(store, source, optionsOf(config, options));
      pulls.push({ source: name, outcome: "pulled", ...pulled });
    } catch (error) {
      pulls.push({ source: name, outcome: "failed", ...nothing, problems: [sourceFault(error)] });
    }
  }
  return pulls;
}

const NOTHING_KNOWN: Omit<SourcePlan, "unknown"> = {
  ...{ days: 0, partitions: null, queries: null, objects: null, bytes: null },
  ...{ scannedAtMost: null, cost: null, recordings: null, recordingBytes: null },
};

function windowed(config: Config): PulledSource[] {
  return config.sources.filter((source) => source.kind !== "recordings");
}

function optionsOf(config: Config, { since = "", until = "" }: TextWindow): SourcePullOptions {
  const now = new Date();
  const [from, to] = [since, until].map((text) => {
    const time = text === "" ? null : parseTime(text, now);
    if (text !== "" && time === null) {
      throw new UsageError(
        `${JSON.stringify(text)} is no time; write an ISO date, or an age: "30d"`,
      );
    }
    return time;
  });
  return {
    sessions: config.sessions,
    now: () => new Date(),
    runId: null,
    ...(from && { since: from }),
    ...(to && { until: to }),
  };
}
