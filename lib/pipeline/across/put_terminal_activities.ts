import { type ActivitySession, activityStarts } from "../../features/activity_starts.ts";
import { type TerminalPart, unitedTerminals } from "../../features/united_terminals.ts";
import { inSteps } from "../../model/hear_signal.ts";
import type { CmdFeatures } from "../../model/cmd_features.ts";
import type { PtyFeatures } from "../../model/pty_features.ts";
import type { SessionRow } from "../../model/session.ts";
import { type Activity, glueActivities } from "../../sessions/activities.ts";
import { putActivity, readTerminals } from "../../store/activities.ts";
import { clearFeatures, readFeatures, readRhythm, writeFeatures } from "../../store/features.ts";
import { setLabels } from "../../store/labels.ts";
import { readNotableEvents } from "../../store/notable_events.ts";
import { readSession } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import { endActivities } from "./end_activities.ts";

/** Kinds of notable events that are commands. */
const COMMANDS: ReadonlySet<string> = new Set(["exec", "bpf", "kube"]);

/**
 * Puts the activities on terminals together, of one identity (or one principal whose identity is not
 * known) each: sessions as one login on one target that follow within `gapMs`, such as a harness makes
 * that opens a connection for each command; and sessions at several places, beside each other or as
 * close, such as a harness makes that works on several hosts, or a person with two windows. A session
 * may be part of one of either. Their features are those of all their sessions together. Throws the reason of
 * `signal`: then nothing changed.
 */
export async function putTerminalActivities(
  store: Store,
  { gapMs, now, signal }: { gapMs: number; now: Date; signal?: AbortSignal | undefined },
): Promise<void> {
  const steps = store.transactionInSteps(function* () {
    const there = new Set<string>();
    for (const byPlace of [true, false]) {
      for (const activity of glueActivities(partsOf(store, { byPlace }), { gapMs })) {
        yield;
        // at one place it is one of the others
        if (activity === null || (!byPlace && activity.places === 1)) continue;
        there.add(activity.id);
        writeActivity(store, activity);
      }
    }
    yield* endActivities(store, { api: false, now: there, at: now });
  });
  await inSteps(steps, signal);
}

function* partsOf(store: Store, { byPlace }: { byPlace: boolean }) {
  for (const { id, startedMs, endedMs, ...about } of readTerminals(store, { byPlace })) {
    const { side, kind, login, target, scope } = about;
    const who = side === "" ? about.who : `${side} ${about.who}`;
    const place = [login, target, scope];
    yield {
      ...{ id, startedMs, endedMs, place: JSON.stringify(place) },
      identity: JSON.stringify(byPlace ? [who, kind, ...place] : [who, kind]),
    };
  }
}

function writeActivity(store: Store, activity: Activity): void {
  const { id, identity, members, relation, startedMs, endedMs } = activity;
  const sessions = members.map((member) => readSession(store, member)!);
  const [first] = sessions as [SessionRow];
  const common = <Name extends keyof SessionRow>(name: Name) =>
    sessions.every((session) => session[name] === first[name]) ? first[name] : null;
  const parts = members.map((member, i) => partOf(store, member, sessions[i]!));
  putActivity(store, {
    ...{ activity_id: id, relation, substrate: first.substrate, kind: first.kind },
    principal: common("principal") ?? JSON.parse(identity)[0],
    ...{ login: common("login"), target: common("target"), scope: common("scope") },
    user_kind: common("user_kind"),
    started_at: new Date(startedMs).toISOString(),
    ended_at: new Date(endedMs).toISOString(),
    duration_seconds: (endedMs - startedMs) / 1000,
  }, { members });
  const { pty, cmd } = unitedTerminals(parts);
  clearFeatures(store, id);
  if (pty !== null) writeFeatures(store, "pty", [{ subject_id: id, ...pty }]);
  if (cmd !== null) writeFeatures(store, "cmd", [{ subject_id: id, ...cmd }]);
  const starts = parts.map((part, i) => startOf(part, sessions[i]!));
  writeFeatures(store, "act", [{ subject_id: id, ...activityStarts(starts) }]);
  setLabels(
    store,
    [{ subject_id: id, key: "substrate.kind", value: first.substrate }],
    { setBy: "ingest", now: store.now() },
  );
}

function partOf(store: Store, id: string, { started_at, ended_at }: SessionRow): TerminalPart {
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

function startOf(
  { startedMs, endedMs, pty, cmd }: TerminalPart,
  { login, target }: SessionRow,
): ActivitySession {
  // a shell of which no command is logged has a recording at the most
  const isSingleShot = cmd !== null ? Number(cmd.cmd_exec) > 0 : pty !== null ? false : null;
  return { startedMs, endedMs, login, target, isSingleShot };
}
