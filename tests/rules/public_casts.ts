import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { EchoLines } from "../../lib/features/echo_lines.ts";
import { WHOLE_LINE } from "../../lib/features/print_block.ts";
import { RecordingFeatures } from "../../lib/features/recording_features.ts";
import { SegmentFeatures } from "../../lib/features/segments.ts";
import type { RecordingEvent } from "../../lib/model/event.ts";
import type { TruthfulRow } from "../../lib/model/judgement.ts";
import { readRecording } from "../../lib/recording/read.ts";

/** 195 public recordings that are kept beside the project, not in it. */
export const CASTS = fileURLToPath(new URL("../../../shared/data/casts", import.meta.url));
export const absent = !existsSync(join(CASTS, "labels.tsv"));

/** One of them, in memory. */
export interface Cast {
  file: string;
  truth: string;
  source: string;
  events: readonly RecordingEvent[];
}

export async function readCasts(): Promise<Cast[]> {
  const [head = "", ...lines] = (await readFile(join(CASTS, "labels.tsv"), "utf8")).trim()
    .split("\n");
  const columns = head.split("\t");
  return await Promise.all(lines.map(async (line): Promise<Cast> => {
    const cells = line.split("\t");
    const cell = (name: string) => cells[columns.indexOf(name)] ?? "";
    const bytes = await readFile(join(CASTS, cell("file")));
    const events: RecordingEvent[] = [];
    for await (const batch of readRecording({ uri: cell("file"), bytes })) events.push(...batch);
    return {
      ...{ file: cell("file"), truth: cell("truth.operator-type"), source: cell("source") },
      events,
    };
  }));
}

/** The row of a recording and of its segments, as the store would give them. */
export function truthfulCast({ file, truth, source, events }: Cast): TruthfulRow {
  const features = new RecordingFeatures();
  features.add(events);
  const { pty, cmd } = features.finish();
  const segments = new SegmentFeatures(features.handOvers());
  segments.add(events);
  const base = { substrate: "asciicast", kind: "pty", labels: {} };
  return {
    ...{ subjectId: file, truth, group: source, facets: {}, sessions: [file] },
    row: { ...base, ...pty, ...cmd },
    segments: segments.finish().map((segment) => ({
      ...{ ...base, from_seconds: segment.fromSeconds },
      ...segment.pty,
      ...segment.cmd,
    })),
  };
}

type Change = (cast: Cast) => Cast;

/** Every gap between events made longer or shorter. */
export function stretched(by: (gapMs: number) => number): Change {
  return (cast) => {
    let at = 0;
    let last = 0;
    return {
      ...cast,
      events: cast.events.map((event) => {
        at += by(event.atMs - last);
        last = event.atMs;
        return { ...event, atMs: at };
      }),
    };
  };
}

/** What is printed, spelt otherwise. */
export function spelt(by: (text: string) => string): Change {
  // bytes as they are: characters may be cut between prints
  const decoder = new TextDecoder("latin1");
  return (cast) => ({
    ...cast,
    events: cast.events.map((event) => {
      if (event.type !== "print") return event;
      const text = decoder.decode(event.data);
      const other = by(text);
      return other === text
        ? event
        : { ...event, data: Uint8Array.from(other, (char) => char.charCodeAt(0)) };
    }),
  });
}

/** Prints gathered for this long before they are written. */
export function gathered(ms: number): Change {
  return (cast) => {
    const events: RecordingEvent[] = [];
    let from = -Infinity;
    for (const event of cast.events) {
      const last = events.at(-1);
      if (event.type === "print" && last?.type === "print" && event.atMs - from < ms) {
        events[events.length - 1] = { ...last, data: joined(last.data, event.data) };
      } else {
        events.push(event);
        from = event.atMs;
      }
    }
    return { ...cast, events };
  };
}

/** The part of the events from a share of them to another. */
export function part(from: number, until: number): Change {
  return (cast) => {
    const { length } = cast.events;
    return begunAt(cast, cast.events.slice(Math.floor(from * length), Math.floor(until * length)));
  };
}

/** What follows the last whole line alone, or the line and it; empty where there is none. */
export function afterLastLine({ withLine }: { withLine: boolean }): Change {
  return (cast) => {
    const lines = new EchoLines();
    let last = -1;
    let whole = 0;
    cast.events.forEach((event, i) => {
      if (event.type !== "print") return;
      const marks = lines.add(event.atMs / 1000, event.data);
      if ((marks & WHOLE_LINE) === 0 || lines.linesWhole === whole) return;
      whole = lines.linesWhole;
      last = i;
    });
    const from = last < 0 ? cast.events.length : withLine ? last : last + 1;
    return begunAt(cast, cast.events.slice(from));
  };
}

function begunAt(cast: Cast, events: readonly RecordingEvent[]): Cast {
  const start = events[0]?.atMs ?? 0;
  return { ...cast, events: events.map((event) => ({ ...event, atMs: event.atMs - start })) };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
