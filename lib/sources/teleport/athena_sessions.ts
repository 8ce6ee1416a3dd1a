import { isoDay } from "../../model/time.ts";
import type { QueryEngine } from "../query_engine.ts";
import type { SourceSkip } from "../source_skip.ts";
import type { EventCounts } from "./log_counts.ts";
import { sourceSkips } from "./log_skips.ts";
import type { Piece } from "./pull_days.ts";
import { beginReading, type TeleportSession } from "./session_reader.ts";
import { windowValues } from "./window_values.ts";

/** Teleport's table in Athena, as the query files name it. */
export const TELEPORT_TABLE = "teleport_events";

/**
 * The sessions that have an event in a piece, out of Athena: the same queries as for a local
 * archive, so the same sessions. What is left out is told by day, as `<table>/YYYY-MM-DD`, so that
 * asking again counts nothing twice. Throws a `QueryError` where a query fails.
 */
export async function* readAthenaSessions(
  engine: QueryEngine,
  { piece, table, keepLabels = [], onSkip = () => {}, onCounts }: {
    piece: Pick<Piece, "window" | "around">;
    /** What the table is called in what is told. */
    table: string;
    /** Keys of the targets' labels that are wanted: none. */
    keepLabels?: readonly string[];
    onSkip?: (skip: SourceSkip) => void;
    /** Told once of the events that the days of the piece hold. */
    onCounts?: (counts: EventCounts) => void;
  },
): AsyncGenerator<TeleportSession[]> {
  const values = windowValues(piece.window, piece.around);
  await using reading = await beginReading(engine, values, { together: true, keepLabels });
  const uriOf = (day: string) => `${table}/${day}`;
  for (const skip of sourceSkips(reading.skips, uriOf)) onSkip(skip);
  onCounts?.(reading.counts);
  const uri = uriOf(isoDay(piece.window.since));
  yield* reading.sessions((count) =>
    onSkip({ uri, reason: "session id is not valid", detail: null, count })
  );
}
