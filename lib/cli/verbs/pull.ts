import type { Config } from "../../config/config.ts";
import { formatSize } from "../../config/units.ts";
import { inSteps } from "../../model/hear_signal.ts";
import { UsageError } from "../../model/errors.ts";
import { printable } from "../../model/printable.ts";
import { sourceFault } from "../../model/source_fault.ts";
import {
  planSource,
  type PulledSource,
  pullSource,
  type SourcePlan,
  type SourcePulled,
  type SourcePullOptions,
} from "../../pipeline/pull_source.ts";
import { putAcross } from "../../pipeline/across/put_across.ts";
import { bringUp, lockStore } from "../../pipeline/run_lock.ts";
import { sourceName } from "../../pipeline/source_name.ts";
import { readIdentityTable } from "../../sources/identity_table.ts";
import { UNREAD_REASONS } from "../../sources/source_skip.ts";
import { isSessionId } from "../../sources/session_id.ts";
import { beginRun, finishRun } from "../../store/runs.ts";
import { type Coverage, coverageInSteps } from "../../store/coverage.ts";
import { readSession } from "../../store/sessions.ts";
import { openStore, type Store } from "../../store/store.ts";
import { type Format, formatRows, FORMATS, parseFormat } from "../format.ts";
import { whileNotInterrupted } from "../interrupt.ts";
import { settingsOf, timeFlag } from "../settings.ts";
import { type Call, type ExitStatus, FORMAT_FLAG, type Terminal, type Verb } from "../verb.ts";

/** Extraction only: what sources hold of a window goes into the store, and nothing is judged. */
export const pull: Verb = {
  name: "pull",
  summary: "take sessions and recordings out of the sources into the store; judges nothing",
  positionals: "teleport|gcp|aws|all",
  flags: {
    since: {
      value: "T",
      help: "begin of the window (default: all of a local archive, else seven days)",
    },
    until: { value: "T", help: "end of the window (default: now); Teleport's Athena: whole days" },
    session: { value: "ID", help: "this session only" },
    principal: { value: "P", help: "sessions of this principal only" },
    "no-recordings": { help: "note which recordings there are, and read none" },
    force: { help: "ask again for days that are done, read again what was parsed" },
    "dry-run": { help: "print the days, files, bytes and money it would take; reads no session" },
    format: FORMAT_FLAG,
  },
  async run(call, terminal) {
    const format = parseFormat(call.text("format"), FORMATS);
    const { config, file } = await settingsOf(call);
    const sources = wantedSources(call, config, file);
    const options = { ...optionsOf(call, terminal), sessions: config.sessions };
    // a fault in it is told before anything is pulled
    if (config.identity.table !== undefined) await readIdentityTable(config.identity.table);
    if (call.has("dry-run")) return await dryRun(sources, { config, options, format, terminal });
    bringUp(config.store, { command: "pull", now: terminal.now() });
    return await whileNotInterrupted(terminal, async (signal) => {
      using _lock = lockStore(config.store, { command: "pull", now: terminal.now() });
      using store = openStore(config.store);
      const status = await pullAll(store, holdersOf(store, sources, options), {
        ...{ options: { ...options, signal }, format, terminal },
      });
      await putAcross(store, { ...config, now: terminal.now(), signal });
      return status;
    });
  },
};

const KINDS: Readonly<Record<PulledSource["kind"], true>> = {
  teleport: true,
  gcp: true,
  aws: true,
};

function wantedSources(call: Call, config: Config, file: string | null): PulledSource[] {
  const [what, ...rest] = call.positionals;
  const kinds = Object.keys(KINDS);
  if (what === undefined || ![...kinds, "all"].includes(what) || rest.length > 0) {
    throw new UsageError(
      `pull takes one of ${kinds.join(", ")}, all; see \`deno task shellscope pull --help\``,
    );
  }
  const sources = config.sources.filter((source) => source.kind !== "recordings")
    .filter((source) => what === "all" || source.kind === what);
  if (sources.length > 0) return sources;
  throw new UsageError(
    file === null
      ? "pull needs a configuration that names sources; `deno task shellscope init` writes one"
      : `${file} names no source of kind ${what === "all" ? kinds.join(", ") : what}`,
  );
}

/**
 * Of several sources those that can know the session asked for: API sessions are put together here,
 * and no log knows one by its id.
 */
function holdersOf(
  store: Store,
  sources: readonly PulledSource[],
  { filter }: SourcePullOptions,
): readonly PulledSource[] {
  if (filter?.session === undefined || sources.length === 1) return sources;
  const known = readSession(store, filter.session);
  const kind = known?.kind === "api" ? known.substrate.split("-", 1)[0] : "teleport";
  return sources.filter((source) => source.kind === kind);
}

function optionsOf(call: Call, terminal: Terminal): Omit<SourcePullOptions, "sessions"> {
  const now = terminal.now();
  const since = timeFlag(call, "since", now);
  const until = timeFlag(call, "until", now);
  if (since && until && since >= until) throw new UsageError("--since must lie before --until");
  const session = call.text("session");
  if (session !== undefined && !isSessionId(session)) {
    throw new UsageError("--session takes a whole session id: letters, digits, - and _");
  }
  return {
    ...{ since, until, filter: { session, principal: call.text("principal") } },
    ...{ force: call.has("force"), withoutRecordings: call.has("no-recordings") },
    ...{ now: () => terminal.now(), runId: null },
    onStep: (text) => terminal.err(`${printable(text)}\n`),
  };
}

async function pullAll(
  store: Store,
  sources: readonly PulledSource[],
  { options, format, terminal }: {
    options: SourcePullOptions;
    format: Format;
    terminal: Terminal;
  },
): Promise<ExitStatus> {
  const run = beginRun(store, { command: "pull", version: "1", now: terminal.now() });
  const rows: object[] = [];
  const problems: string[] = [];
  const total = { sessions: 0, recordings: 0 };
  let damaged = 0;
  let failed = 0;
  try {
    for (const source of sources) {
      const name = sourceName(source);
      options.onStep?.(`Reading ${name}`);
      const pulled = await pullSource(store, source, { ...options, runId: run.runId })
        .catch((error): SourcePulled | null => {
          problems.push(`${name}: ${sourceFault(error)}`);
          failed++;
          return null;
        });
      if (pulled === null) continue;
      problems.push(...pulled.problems);
      total.sessions += pulled.sessions;
      total.recordings += pulled.recordings;
      damaged += pulled.damaged;
      rows.push({
        source: name,
        ...pulled,
        ...sizes(pulled.bytesScanned, "bytes_scanned", format),
      });
    }
  } catch (error) {
    finishRun(store, run, { outcome: "failed", summary: total, now: terminal.now() });
    throw error;
  }
  const { skips } = await inSteps(coverageInSteps(store), options.signal);
  problems.push(...unreadInputs(skips, sources), ...damagedRecordings(damaged));
  const outcome = problems.length === 0 ? "done" : failed === sources.length ? "failed" : "partial";
  finishRun(store, run, { outcome, summary: total, now: terminal.now() });
  const columns = ["source", "sessions", "recordings", "days", "bytes_scanned"];
  terminal.out(formatRows(rows, { columns, format }));
  for (const { source, reason, count } of skips) {
    const what = printable(`${source.slice(0, 200)}: ${reason.slice(0, 200)}`);
    terminal.err(`Left out of what the store has seen: ${what}: ${count}\n`);
  }
  for (const problem of problems) terminal.err(`Problem: ${printable(problem)}\n`);
  return outcome === "done" ? 0 : outcome === "failed" ? 1 : 3;
}

// Files of these sources that could not be read, as far as the store has seen them.
function unreadInputs(
  skips: Coverage["skips"],
  sources: readonly PulledSource[],
): string[] {
  const kinds = new Set<string>(sources.map(({ kind }) => kind));
  const unread = skips.filter(({ source, reason }) =>
    kinds.has(source) && UNREAD_REASONS.has(reason)
  );
  const files = unread.reduce((sum, { count }) => sum + count, 0);
  if (files === 0) return [];
  return [`Files that could not be read whole: ${files}, as told above; copy them anew, then pull`];
}

function damagedRecordings(damaged: number): string[] {
  if (damaged === 0) return [];
  return [`Recordings that are cut or damaged: ${damaged}; what could be read of them is kept`];
}

async function dryRun(
  sources: readonly PulledSource[],
  { config, options, format, terminal }: {
    config: Config;
    options: SourcePullOptions;
    format: Format;
    terminal: Terminal;
  },
): Promise<ExitStatus> {
  const isThere = await Deno.stat(config.store).then(() => true, () => false);
  using store = isThere ? openStore(config.store, { readOnly: true }) : openStore(":memory:");
  const rows: object[] = [];
  let unknown = 0;
  let failed = 0;
  for (const source of sources) {
    const plan = await planSource(store, source, options).catch((error): SourcePlan | null => {
      terminal.err(`Problem: ${printable(`${sourceName(source)}: ${sourceFault(error)}`)}\n`);
      failed++;
      return null;
    });
    if (plan === null) continue;
    rows.push({
      source: sourceName(source),
      ...plan,
      ...sizes(plan.bytes, "bytes", format),
      ...sizes(plan.scannedAtMost, "scanned_at_most", format),
      ...sizes(plan.recordingBytes, "recording_bytes", format),
    });
    if (plan.unknown === null) continue;
    unknown++;
    terminal.err(`Bytes are not known: ${printable(plan.unknown)}\n`);
  }
  const columns = ["source", "days", "partitions", "queries", "objects", "bytes"];
  const atMost = ["scanned_at_most", "cost", "recordings", "recording_bytes"];
  terminal.out(formatRows(rows, { columns: [...columns, ...atMost], format }));
  if (failed === sources.length) return 1;
  return unknown + failed === 0 ? 0 : 3;
}

/** A number of bytes under its column: for people in the table, as a number for machines. */
function sizes(bytes: number | null, column: string, format: Format): object {
  return { [column]: bytes === null || format !== "table" ? bytes : formatSize(bytes) };
}
