import type { FeatureRow, FeatureTable } from "./feature.ts";

/**
 * What is measured of a terminal recording, in one pass over its print events after silence of
 * more than 120 s at either end was cut off (`facts/cadence.md`). A "gap" is the time between
 * neighbouring print events. A "line" is a command line at a shell prompt: "whole" when its echo
 * arrived in one piece, "typed" when it arrived key by key.
 */
export const PTY_FEATURES = {
  pty_events: { type: "integer", unit: "events", doc: "Print events." },
  pty_bytes: { type: "integer", unit: "bytes", doc: "Bytes of terminal output." },
  pty_seconds: { type: "number", unit: "s", doc: "From the first to the last print event." },
  pty_trimmed_seconds: { type: "number", unit: "s", doc: "Silence cut off at both ends." },
  pty_events_per_second: { type: "number", unit: "1/s", doc: "Print events a second." },
  pty_bytes_per_event: { type: "number", unit: "bytes", doc: "Mean size of a print event." },
  pty_gap_p10: { type: "number", unit: "s", doc: "10th percentile of the gaps." },
  pty_gap_p50: { type: "number", unit: "s", doc: "Median gap." },
  pty_gap_p90: { type: "number", unit: "s", doc: "90th percentile of the gaps." },
  pty_gap_p99: { type: "number", unit: "s", doc: "99th percentile of the gaps." },
  pty_gap_max: { type: "number", unit: "s", doc: "Longest gap." },
  pty_gap_cv: { type: "number", unit: "", doc: "Coefficient of variation of the gaps." },
  pty_gap_local_spread: {
    type: "number",
    unit: "",
    doc:
      "How uneven neighbouring gaps are: median of |ln(gap[i+1] / gap[i])|, gaps under 1 ms left out.",
  },
  pty_gap_share_burst: { type: "number", unit: "0..1", doc: "Share of gaps under 0.2 s." },
  pty_gap_share_key: { type: "number", unit: "0..1", doc: "Share of gaps from 0.05 to 0.5 s." },
  pty_gap_share_middle: { type: "number", unit: "0..1", doc: "Share of gaps from 0.5 to 5 s." },
  pty_gap_share_think: { type: "number", unit: "0..1", doc: "Share of gaps over 5 s." },
  pty_pauses_1s: { type: "integer", unit: "gaps", doc: "Gaps over 1 s." },
  pty_pauses_5s: { type: "integer", unit: "gaps", doc: "Gaps over 5 s." },
  pty_pauses_30s: { type: "integer", unit: "gaps", doc: "Gaps over 30 s." },
  pty_clock_steps: {
    type: "integer",
    unit: "steps",
    doc: "Times the recording's clock went back.",
  },
  pty_one_char_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of print events that show exactly one character.",
  },
  pty_keys: {
    type: "integer",
    unit: "keys",
    doc: "Print events that look like the echo of a key.",
  },
  pty_key_gap_p50: { type: "number", unit: "s", doc: "Median gap between keys of one line." },
  pty_key_gap_p90: { type: "number", unit: "s", doc: "90th percentile of the gaps between keys." },
  pty_key_gap_cv: { type: "number", unit: "", doc: "Coefficient of variation of the key gaps." },
  pty_key_gap_mad: { type: "number", unit: "s", doc: "Median absolute deviation of the key gaps." },
  pty_corrections: {
    type: "integer",
    unit: "events",
    doc: "Echoes of a key that takes back: backspace, or a word or line killed.",
  },
  pty_lines: { type: "integer", unit: "lines", doc: "Command lines seen at a prompt." },
  pty_lines_typed: { type: "integer", unit: "lines", doc: "Lines that arrived key by key." },
  pty_lines_whole: { type: "integer", unit: "lines", doc: "Lines that arrived in one piece." },
  pty_line_whole_share: { type: "number", unit: "0..1", doc: "Whole lines among all lines." },
  pty_enter_delay_p50: { type: "number", unit: "s", doc: "Median time from last key to Enter." },
  pty_prompt_delay_p50: { type: "number", unit: "s", doc: "Median time from prompt to first key." },
  pty_pastes: {
    type: "integer",
    unit: "events",
    doc: "Paste-like echoes: several characters at once inside a line that was also typed at.",
  },
  pty_silence_p10: {
    type: "number",
    unit: "s",
    doc: "Silence before a whole line: 10th percentile.",
  },
  pty_silence_p50: { type: "number", unit: "s", doc: "Silence before a whole line: median." },
  pty_silence_p90: {
    type: "number",
    unit: "s",
    doc: "Silence before a whole line: 90th percentile.",
  },
  pty_silence_share_5s: {
    type: "number",
    unit: "0..1",
    doc: "Share of whole lines that came after more than 5 s of silence.",
  },
  pty_tail_events: {
    type: "integer",
    unit: "events",
    doc:
      "Print events after the last whole line, up to the next prompt: where only the program it " +
      "started speaks. Where no line was seen at all, those before the first prompt.",
  },
  pty_tail_seconds: { type: "number", unit: "s", doc: "Time from the last whole line to the end." },
  pty_tail_gap_p50: { type: "number", unit: "s", doc: "Median gap of the tail." },
  pty_tail_gap_p90: { type: "number", unit: "s", doc: "90th percentile of the tail's gaps." },
  pty_tail_line_chars: {
    type: "integer",
    unit: "characters",
    doc: "Characters of the last whole line, its continuation lines included.",
  },
  pty_tail_line_words: {
    type: "integer",
    unit: "words",
    doc:
      "Words of that line: runs of anything but white space. Prose has 5 to 8 characters a word.",
  },
  pty_tail_stream_share: {
    type: "number",
    unit: "0..1",
    doc:
      "Share of the tail's gaps from 2 to 150 ms whose print is at most 24 bytes and redraws nothing: text streamed in pieces.",
  },
  pty_tail_pauses_5s: { type: "integer", unit: "gaps", doc: "Gaps over 5 s in the tail." },
  pty_tail_redraw_share: {
    type: "number",
    unit: "0..1",
    doc:
      "Share of the tail's prints that move the cursor up, left or to the line's start and write over.",
  },
  pty_spinner_period: {
    type: "number",
    unit: "s",
    doc:
      "Period of a spinner: median gap of the longest run of like-sized redraws; null without one.",
  },
  pty_spinner_runs: {
    type: "integer",
    unit: "runs",
    doc: "Times a spinner turned for at least 2 s: like-sized redraws 40 to 300 ms apart.",
  },
  pty_alt_screen_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of prints on the alternate screen.",
  },
  pty_bracketed_paste: { type: "flag", unit: "", doc: "Whether bracketed paste was switched on." },
  pty_title_changes: { type: "integer", unit: "changes", doc: "Times the window title was set." },
  pty_prompts: { type: "integer", unit: "prompts", doc: "Shell prompts recognised." },
  pty_resizes: { type: "integer", unit: "events", doc: "Resizes of the terminal after its start." },
  pty_joins: { type: "integer", unit: "events", doc: "People who joined the session." },
  pty_tail_prose_share: {
    type: "number",
    unit: "0..1",
    doc:
      "Share of the tail's words that stand in prose, seven or more plain words on end; redraws left out.",
  },
  pty_line_late_share: {
    type: "number",
    unit: "0..1",
    doc:
      "Share of lines that came in one piece, or from the history, and were entered 0.15 s later or more.",
  },
  pty_long_line_words: {
    type: "integer",
    unit: "words",
    doc: "Words of the whole line that has most of them, its continuation lines included.",
  },
  pty_long_line_prose: {
    type: "integer",
    unit: "words",
    doc: "Words of that line that stand in prose, seven or more plain words on end.",
  },
  pty_silence_p99: {
    type: "number",
    unit: "s",
    doc: "Silence before a whole line: 99th percentile.",
  },
  pty_full_screens: {
    type: "integer",
    unit: "times",
    doc: "Times a full-screen program began: the alternate screen was switched on.",
  },
  pty_screen_single_share: {
    type: "number",
    unit: "0..1",
    doc: "Share of the prints on the alternate screen that show exactly one character.",
  },
  pty_screen_key_gap_p50: {
    type: "number",
    unit: "s",
    doc:
      "Pace in full-screen programs: median time between small redraws (at most 80 bytes, each by itself), up to 2 s.",
  },
  pty_screen_key_gap_p90: {
    type: "number",
    unit: "s",
    doc: "90th percentile of the times between small redraws.",
  },
  pty_screen_key_gap_cv: {
    type: "number",
    unit: "",
    doc: "Coefficient of variation of the times between small redraws.",
  },
} as const satisfies FeatureTable;

/** The `pty_…` columns of one subject. */
export type PtyFeatures = FeatureRow<typeof PTY_FEATURES>;

/** At most this many time bins are kept of a recording's rhythm. */
export const RHYTHM_BINS = 2000;

/**
 * What charts need of a recording and content can't be read from. Bins are of equal width and
 * begin at the first print event. The histogram counts gaps on a log scale and can be added up
 * over recordings: bucket i holds gaps from 10^(i/10 - 4) to 10^((i+1)/10 - 4) s; the first and
 * the last bucket take what lies beyond.
 */
export interface PtyRhythm {
  /** Width of a bin. */
  bin_seconds: number;
  /** Print events by bin. */
  events: number[];
  /** Bytes of output by bin, as many bins. */
  bytes: number[];
  /** Gaps between print events by bucket; {@link GAP_BUCKETS} of them. */
  gap_histogram: number[];
}

/** Buckets of {@link PtyRhythm.gap_histogram}: 0.1 ms to 10,000 s, ten a decade. */
export const GAP_BUCKETS = 80;
