/** A stretch of a recording by the clock on the wall, milliseconds since 1970, UTC. */
export interface RecordingPart {
  fromMs: number;
  untilMs: number;
}

/**
 * What came of measuring a part only: `no-clock` where the recording does not say when it began,
 * `outside` where nothing was printed in that time. Then all of it was measured.
 */
export type PartOutcome = "measured" | "no-clock" | "outside";
