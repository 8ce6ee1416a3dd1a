import type { Config } from "../../config/config.ts";
import type { ApiSubstrate, CallMinute } from "../../model/call_minute.ts";
import { API_SUBSTRATES } from "../../model/call_minute.ts";
import type { RecordingEvent } from "../../model/event.ts";
import type { RecordingRow } from "../../model/session.ts";
import { floorMinute } from "../../model/time.ts";
import type { Digest } from "../../phase2/digest.ts";
import { digestCalls } from "../../phase2/digest_calls.ts";
import { digestCommands } from "../../phase2/digest_commands.ts";
import { digestTerminal } from "../../phase2/digest_terminal.ts";
import type { Phase2Subject } from "../../phase2/judge_subjects.ts";
import { readRecording } from "../../recording/read.ts";
import { terminalText } from "../../recording/terminal/terminal.ts";
import { Redactor } from "../../redact/redactor.ts";
import { uniteMinutes } from "../../sessions/join_minutes.ts";
import type { S3Options } from "../../sources/s3.ts";
import {
  localFile,
  type RecordingFile,
  type RecordingPlace,
} from "../../sources/teleport/recording_place.ts";
import { readDriverMinutes } from "../../store/call_minutes.ts";
import { readWideRows, type WideRow } from "../../store/frame.ts";
import { readNotableEvents } from "../../store/notable_events.ts";
import { readSegmentIds } from "../../store/segments.ts";
import { recordingsOf } from "../../store/sessions.ts";
import type { Store } from "../../store/store.ts";
import { readVerdicts } from "../../store/verdicts.ts";
import { openRecordings } from "../recordings/open_recordings.ts";

/** Which sessions are read for a model, and from where. */
export interface Phase2SubjectsOptions {
  config: Config;
  /** Only these of the sessions that the rules send. */
  selector?: string | undefined;
  /** How recordings in S3 are reached; as AWS's own clients do, unless told. */
  aws?: S3Options;
}

/** A session that the rules send to a model. */
interface RoutedSubject extends Phase2Subject {
  /** Why they do; null where they do not say. */
  reason: string | null;
}

/** The sessions that the rules send to a model, by id; close it when all had their turn. */
export class Phase2Subjects implements Disposable {
  readonly #store: Store;
  readonly #options: Phase2SubjectsOptions;
  #places: Promise<RecordingPlace[]> | null = null;

  constructor(store: Store, options: Phase2SubjectsOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** In the order of their ids; digests are made when they are asked for. */
  *[Symbol.iterator](): Generator<RoutedSubject> {
    const { selector } = this.#options;
    const routed = "routing.phase2 in (pty,call-graph)";
    const query = selector === undefined ? routed : `${routed},${selector}`;
    for (const row of readWideRows(this.#store, { selector: query, kind: "session" })) {
      const subjects = [row.subject_id];
      const [verdict] = readVerdicts(this.#store, { writer: "phase1", subjects });
      const kind = row.labels["routing.phase2"] === "pty" ? "pty" : "call-graph";
      yield {
        subjectId: row.subject_id,
        kind,
        reason: row.labels["routing.reason"] ?? null,
        phase1: verdict === undefined ? null : {
          operatorType: verdict.operator_type,
          distribution: verdict.distribution,
          confidence: verdict.confidence,
        },
        digest: () => kind === "pty" ? this.#terminal(row) : Promise.resolve(this.#calls(row)),
      };
    }
  }

  [Symbol.dispose](): void {
    void this.#places?.then((places) => places.forEach((place) => place[Symbol.dispose]()));
  }

  async #terminal(row: WideRow): Promise<Digest | { problem: string }> {
    const recordings = recordingsOf(this.#store, row.subject_id);
    if (recordings.length === 0) return { problem: "the session has no recording" };
    const widths = new Set<number>();
    try {
      const files: RecordingFile[] = [];
      for (const recording of recordings) files.push(await this.#file(recording));
      const text = await terminalText(eventsOf(files, widths));
      const subjects = readSegmentIds(this.#store, { sessions: [row.subject_id] })
        .get(row.subject_id) ?? [];
      const parts = [...readWideRows(this.#store, { subjects })];
      return digestTerminal(text, {
        redactor: new Redactor(this.#options.config.share.words),
        widths: [...widths],
        partsFrom: parts.map((part) => Number(part["from_seconds"])),
      });
    } catch (cause) {
      if (cause instanceof TypeError || cause instanceof RangeError) throw cause;
      return { problem: cause instanceof Error ? cause.name : "the recording can't be read" };
    }
  }

  async #file({ uri, recording_id }: RecordingRow): Promise<RecordingFile> {
    if (!uri.startsWith("s3://")) return localFile(uri);
    this.#places ??= this.#open();
    for (const place of await this.#places) {
      if (!uri.startsWith(place.uri)) continue;
      const found = await place.find(recording_id);
      if (found.state === "found") return found.file;
    }
    throw new Deno.errors.NotFound("No source of the configuration holds the recording");
  }

  async #open(): Promise<RecordingPlace[]> {
    const places: RecordingPlace[] = [];
    for (const source of this.#options.config.sources) {
      if (source.kind !== "teleport" || source.recordings?.s3 === undefined) continue;
      const place = await openRecordings(source, this.#options.aws ?? {});
      if (place !== null) places.push(place);
    }
    return places;
  }

  #calls(row: WideRow): Digest {
    const minutes = [...minutesOf(this.#store, row)];
    if (minutes.length > 0) {
      return digestCalls(minutes, { foldMs: this.#options.config.sessions.commandFold * 1000 });
    }
    return digestCommands(readNotableEvents(this.#store, row.subject_id));
  }
}

/** The minutes of a session of API calls; none for other sessions. */
function* minutesOf(store: Store, row: WideRow): Generator<CallMinute> {
  const { principal, driver, started_at, ended_at } = row;
  const cloud = String(row["substrate"]).slice(0, 3);
  const substrate = API_SUBSTRATES.find((name) => name.startsWith(cloud)) as
    | ApiSubstrate
    | undefined;
  if (row["kind"] !== "api" || substrate === undefined || started_at === null) return;
  const range = {
    fromMs: floorMinute(Date.parse(String(started_at))),
    untilMs: Date.parse(String(ended_at)),
  };
  const caller = { substrate, principal: String(principal), driver: String(driver) };
  for (const rows of readDriverMinutes(store, caller, range)) yield uniteMinutes(rows);
}

/** The events of recordings one after the other, their times counted on. */
async function* eventsOf(
  files: readonly RecordingFile[],
  widths: Set<number>,
): AsyncGenerator<RecordingEvent[]> {
  let shiftMs = 0;
  for (const file of files) {
    let lastMs = 0;
    for await (const batch of readRecording({ uri: file.uri, bytes: file.open() })) {
      for (const event of batch) {
        lastMs = Math.max(lastMs, event.atMs);
        const size = "size" in event ? event.size : null;
        if (size !== null) widths.add(size.cols);
      }
      yield shiftMs === 0
        ? batch
        : batch.map((event) => ({ ...event, atMs: event.atMs + shiftMs }));
    }
    shiftMs += lastMs;
  }
}
