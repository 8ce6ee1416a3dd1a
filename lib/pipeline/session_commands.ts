import { commandFeatures } from "../features/cmd.ts";
import type { CmdFeatures } from "../model/cmd_features.ts";
import type { RecordingEvent } from "../model/event.ts";
import type { NotableEventRow } from "../store/notable_events.ts";
import type { SessionCommands } from "../sources/teleport/command_rows.ts";
import type { TeleportSession } from "../sources/teleport/session_reader.ts";

/** The command features of a session's exec and BPF events; null where the log has none. */
export function commandsOf({ session, commands }: TeleportSession): CmdFeatures | null {
  if (commands === null) return null;
  const terminal = session.kind === "ssh" && session.no_recording !== "not-interactive";
  return commandFeatures(processEvents(commands), { terminal });
}

/** Commands that are kept of a session, one by one; those beyond are only counted. */
export const MAX_NOTABLE_COMMANDS = 1000;

/** The first commands of a session as notable events; of which program only a cloud's is told. */
export function notableCommands({ events, originMs }: SessionCommands): NotableEventRow[] {
  return events.slice(0, MAX_NOTABLE_COMMANDS).map(({ source, atMs, cli, exitCode }) => ({
    kind: source,
    at: new Date(originMs + atMs).toISOString(),
    program: cli === null ? null : programOf(cli),
    program_hash: null,
    subcommand: cli,
    argument_count: null,
    exit_code: exitCode,
  }));
}

// only Google's tools put their own name before what they were asked
function programOf(cli: string): string {
  return /^(gcloud|gsutil)\./.exec(cli)?.[1] ?? "aws";
}

function* processEvents({ events, network, disk }: SessionCommands): Generator<RecordingEvent> {
  yield* events;
  const atMs = events.at(-1)?.atMs ?? 0;
  const counted = { atMs, pid: null, returnCode: null };
  for (let i = 0; i < network; i++) yield { type: "network", ...counted };
  for (let i = 0; i < disk; i++) yield { type: "disk", ...counted };
}
