/** A step back up to this long is taken for events that overtook each other. */
export const OVERTAKEN_MS = 1000;
/** No event is later: clocks that are set again and again do not add up to more. */
export const LAST_MS = Date.UTC(9999, 11, 31);

/**
 * Turns the times of events into milliseconds since the first one, never going back. A time up to
 * a second before the last is an event overtaken by another: it is set to the last. A longer step
 * back is a clock that was set: from there on the time is shifted, so that later gaps stay true.
 * Both are counted.
 */
export class RecordingClock {
  /** Wall-clock time of the first event, milliseconds since 1970; null before there is one. */
  originMs: number | null = null;
  /** Time of the last event on the recording's own clock. */
  atMs = 0;
  steps = 0;
  /** By how much clocks that were set are put right. */
  shiftMs = 0;

  /** The latest time there can be on the recording's own clock. */
  get latestMs(): number {
    return LAST_MS - (this.originMs ?? 0);
  }

  /** The recording's own time of an event at `wallMs`. */
  at(wallMs: number): number {
    if (this.originMs === null) {
      this.originMs = Math.max(0, wallMs - this.atMs);
      return this.atMs;
    }
    const own = Math.min(wallMs - this.originMs + this.shiftMs, this.latestMs);
    if (own >= this.atMs) return this.atMs = own;
    this.steps += 1;
    if (this.atMs - own > OVERTAKEN_MS) this.shiftMs += this.atMs - own;
    return this.atMs;
  }

  /** Goes on to a time of the recording's own; what lies behind it or beyond all time is passed over. */
  reach(ownMs: number): number {
    if (ownMs > this.atMs && ownMs < this.latestMs) this.atMs = ownMs;
    return this.atMs;
  }
}
