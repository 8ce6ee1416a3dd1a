import { type TerminalPart, unitedTerminals } from "../features/united_terminals.ts";
import type { CmdFeatures } from "../model/cmd_features.ts";
import type { PtyFeatures } from "../model/pty_features.ts";
import { type Activity, glueActivities } from "../sessions/activities.ts";
import {
  putActivity,
  readTerminalActivities,
  readTerminals,
  removeActivity,
} from "../store/activities.ts";
import { clearFeatures, readFeatures, readRhythm, writeFeatures } from "../store/features.ts";
import { setLabels } from "../store/labels.ts";
import { moveMarks } from "../store/move_session.ts";
import { readNotableEvents } from "../store/notable_events.ts";
import { readSession } from "../store/sessions.ts";
import type { Store } from "../store/store.ts";
import { tellLostMarks } from "./lost_marks.ts";

/** Kinds of notable events that are commands. */
const COMMANDS: ReadonlySet<string> = new Set(["exec", "bpf", "kube"]);

/**
 * Puts the activities on terminals together: sessions of one identity (or one principal whose
 * identity is not known) as one login on one target that follow within `gapMs`, such as a harness
 * makes that opens a connection for each command. Their features are those of all their sessions
 * together. What people wrote down about an activity whose first session is another now moves along.
 */
export function putTerminalActivities(
  store: Store,
  { gapMs, now }: { gapMs: number; now: Date },
): number {
  return store.transaction(() => {
    const before = new Map(readTerminalActivities(store).map((known) => [known.id, known]));
    const byMember = new Map<string, string>();
    let count = 0;
    for (const activity of glueActivities(readTerminals(store), { gapMs })) {
      writeActivity(store, activity);
      for (const id of activity.members) if (before.size > 0) byMember.set(id, activity.id);
      before.delete(activity.id);
      count++;
    }
    for (const { id, members } of before.values()) {
      const to = members.map((member) => byMember.get(member)).find((found) => found !== undefined);
      if (to === undefined) tellLostMarks(store, id);
      else moveMarks(store, { from: id, to, now });
      removeActivity(store, id);
    }
    return count;
  });
}

function writeActivity(store: Store, { id, members, startedMs, endedMs }: Activity): void {
  const first = readSession(store, members[0]!)!;
  putActivity(store, {
    activity_id: id,
    ...{ substrate: first.substrate, kind: first.kind, principal: first.principal },
    ...{ login: first.login, target: first.target, scope: first.scope },
    user_kind: first.user_kind,
    started_at: new Date(startedMs).toISOString(),
    ended_at: new Date(endedMs).toISOString(),
    duration_seconds: (endedMs - startedMs) / 1000,
  }, { members });
  const { pty, cmd } = unitedTerminals(members.map((member) => partOf(store, member)));
  clearFeatures(store, id);
  if (pty !== null) writeFeatures(store, "pty", [{ subject_id: id, ...pty }]);
  if (cmd !== null) writeFeatures(store, "cmd", [{ subject_id: id, ...cmd }]);
  setLabels(
    store,
    [{ subject_id: id, key: "substrate.kind", value: first.substrate }],
    { setBy: "ingest", now: store.now() },
  );
}

function partOf(store: Store, id: string): TerminalPart {
  const { started_at, ended_at } = readSession(store, id)!;
  const startedMs = Date.parse(started_at!);
  return {
    startedMs,
    endedMs: Math.max(startedMs, Date.parse(ended_at ?? started_at!)),
    pty: readFeatures(store, "pty", id) as unknown as PtyFeatures | null,
    gapHistogram: readRhythm(store, id)?.gap_histogram ?? null,
    cmd: readFeatures(store, "cmd", id) as unknown as CmdFeatures | null,
    commandTimes: readNotableEvents(store, id).flatMap(({ kind, at }) =>
      at !== null && COMMANDS.has(kind) ? [Date.parse(at)] : []
    ),
  };
}
