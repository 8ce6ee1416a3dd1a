import type { MarkedCommand } from "../../model/cloud_command.ts";
import {
  type NotableEventRow,
  readNotableEvents,
  writeNotableEvents,
} from "../../store/notable_events.ts";
import type { Store } from "../../store/store.ts";

/** Commands that are kept of a session, one by one; those beyond are only counted. */
const MAX_NOTABLE_COMMANDS = 1000;

/** Commands in order of time, and when their clock began, in milliseconds since 1970. */
interface DatedCommands {
  events: readonly MarkedCommand[];
  originMs: number;
}

/**
 * Makes these the notable events of their sources (exec, BPF, Kubernetes); those of other sources
 * stay, which the log may have and a recording not. The first ones of all are kept. Doing it again
 * changes nothing, whatever the order.
 */
export function putNotableCommands(
  store: Store,
  sessionId: string,
  { events, originMs }: DatedCommands,
): void {
  const sources = new Set<string>(events.map(({ source }) => source));
  const known = readNotableEvents(store, sessionId);
  const others = known.filter(({ kind }) => !sources.has(kind));
  if (sources.size === 0 && others.length === known.length) return;
  const own = events.slice(0, MAX_NOTABLE_COMMANDS).map((event) => rowOf(event, originMs));
  const all = [...others, ...own];
  all.sort((a, b) => compared(a.at ?? "", b.at ?? "") || compared(a.kind, b.kind));
  writeNotableEvents(store, sessionId, all.slice(0, MAX_NOTABLE_COMMANDS));
}

function rowOf(
  { source, atMs, cli, exitCode }: MarkedCommand,
  originMs: number,
): NotableEventRow {
  return {
    kind: source,
    at: new Date(originMs + atMs).toISOString(),
    program: cli === null ? null : programOf(cli),
    program_hash: null,
    subcommand: cli,
    argument_count: null,
    exit_code: exitCode,
  };
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// only Google's tools put their own name before what they were asked
function programOf(cli: string): string {
  return /^(gcloud|gsutil)\./.exec(cli)?.[1] ?? "aws";
}
