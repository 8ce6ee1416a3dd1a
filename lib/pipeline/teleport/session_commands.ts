import { commandFeatures } from "../../features/cmd.ts";
import type { CmdFeatures } from "../../model/cmd_features.ts";
import type { RecordingEvent } from "../../model/event.ts";
import type { SessionCommands } from "../../sources/teleport/command_rows.ts";
import type { TeleportSession } from "../../sources/teleport/session_reader.ts";

/** The command features of a session's exec and BPF events; null where the log has none. */
export function commandsOf({ session, commands }: TeleportSession): CmdFeatures | null {
  if (commands === null) return null;
  const terminal = session.kind === "ssh" && session.no_recording !== "not-interactive";
  return commandFeatures(processEvents(commands), { terminal });
}

function* processEvents({ events, network, disk }: SessionCommands): Generator<RecordingEvent> {
  yield* events;
  const atMs = events.at(-1)?.atMs ?? 0;
  const counted = { atMs, pid: null, returnCode: null };
  for (let i = 0; i < network; i++) yield { type: "network", ...counted };
  for (let i = 0; i < disk; i++) yield { type: "disk", ...counted };
}
