import type { CmdFeatures } from "../../model/cmd_features.ts";
import type { TeleportSession } from "../../sources/teleport/session_reader.ts";
import { writeFeatures } from "../../store/features.ts";
import { readSession, upsertSession } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import { addAddresses } from "../../store/session_addresses.ts";
import { putNotableCommands } from "../recordings/notable_commands.ts";
import { commandsOf } from "./session_commands.ts";
import { storeFacts } from "../recordings/store_facts.ts";

/**
 * Stores what the log tells of a session, and gives its command features. What an earlier pull saw
 * and this one can't, since the days around its window don't reach there, stays: the kind, where
 * only the upload was seen, and the upload.
 */
export function storeLogSession(
  store: Store,
  found: TeleportSession,
  keepLabels: readonly string[],
): CmdFeatures | null {
  const { session, uploadOnly, facts = {} } = found;
  const { session_id } = session;
  const cmd = commandsOf(found);
  store.transaction(() => {
    const known = readSession(store, session_id);
    upsertSession(store, {
      ...session,
      ...(uploadOnly && known && { kind: known.kind }),
      ...(known?.uploaded_at && !session.uploaded_at && {
        ...{ substrate: known.substrate, no_recording: null },
      }),
    });
    storeFacts(store, session_id, { facts, keep: keepLabels, from: "log" });
    if (cmd) writeFeatures(store, "cmd", [{ subject_id: session_id, ...cmd }]);
    if (found.commands) putNotableCommands(store, session_id, found.commands);
    if (found.addresses) addAddresses(store, session_id, found.addresses);
  });
  return cmd;
}
