import type { EventColumns, TerminalSize } from "../model/event.ts";
import type { PtyFeatures, PtyRhythm } from "../model/pty_features.ts";
import { EchoLines } from "./echo_lines.ts";
import { GapStats } from "./gap_stats.ts";
import { type HandOver, HandOvers } from "./hand_overs.ts";
import { BLOCK_PRINTS, PrintBlock, PROMPTED, REDRAWN, WHOLE_LINE } from "./print_block.ts";
import { Prose } from "./prose.ts";
import { Rhythm } from "./rhythm.ts";
import { Spinner } from "./spinner.ts";
import { Tail } from "./tail.ts";

/** Silence longer than this at either end says nothing of the driver and is cut off … */
const IDLE_SECONDS = 120;
/** … with at most this many prints beyond it: a banner and a prompt, or a last message. */
const IDLE_PRINTS = 5;

/**
 * The `pty_…` features of a stretch of terminal output, in one pass and in bounded memory. Times
 * are in seconds on the recording's own clock and never go back.
 *
 * Idle ends: a gap of more than 120 s among the first or last five is cut off together with what
 * lies beyond it; so is such silence before the first and after the last print, where the stretch
 * is known to begin earlier or end later. `pty_events` and `pty_bytes` still count all prints.
 */
export class PtyAccumulator {
  #lines = new EchoLines();
  #gaps = new GapStats();
  #rhythm = new Rhythm();
  readonly #tail = new Tail();
  readonly #prose = new Prose();
  /** A program writes, as far as is known: after a whole line, and before the first prompt. */
  #speaking = true;
  #launched = false;
  readonly #spinner = new Spinner();
  readonly #handOvers = new HandOvers();
  #prints = 0;
  #bytes = 0;
  #resizes = 0;
  #joins = 0;
  #begunAt = NaN;
  #firstAt = NaN;
  #lastAt = NaN;
  #endedAt = NaN;
  #trimmed = 0;
  // Prints of which the text was looked at, and nothing else yet.
  readonly #block = new PrintBlock();
  /** Before this row, the gaps, and before the other, the prints of the block are cut off. */
  #gapsFrom = 0;
  #rhythmFrom = 0;

  /** The stretch is known to have begun at `at`, with a terminal of this size. */
  begin(at: number, size: TerminalSize | null): void {
    if (Number.isNaN(this.#begunAt)) this.#begunAt = at;
    if (size) this.#lines.screen.columns = size.cols;
  }

  /** The stretch is known to have gone on until `at`. */
  reach(at: number): void {
    this.#endedAt = at;
  }

  resize(size: TerminalSize): void {
    this.#lines.screen.columns = size.cols;
    if (this.#prints > 0) this.#resizes += 1;
  }

  join(): void {
    this.#joins += 1;
  }

  /** One print at `at`, which is the part of `data` from `start` to before `end`. */
  print(at: number, data: Uint8Array, start = 0, end = data.length): void {
    const block = this.#block;
    const row = block.length;
    block.bytes = data;
    block.starts[row] = start;
    block.ends[row] = end;
    block.marks[row] = this.#lines.add(at, data, start, end);
    this.#listen(row, row + 1);
    this.#handOvers.print(at, end - start, this.#lines);
    this.#time(at, end - start);
    if (block.full) this.#settle();
  }

  /** The rows of `batch` from `first` to before `end`, which are all prints in its bytes. */
  prints(batch: EventColumns, first: number, end: number): void {
    const block = this.#block;
    for (let row = first; row < end;) {
      const from = block.length;
      const until = Math.min(end, row + BLOCK_PRINTS - from);
      this.#times(batch, row, until);
      this.#echoes(from);
      if (block.full) this.#settle();
      row = until;
    }
  }

  /** A program drives from `at` on, begun by what was entered before: all is its tail. */
  launch(at: number): void {
    this.#settle();
    this.#tail.restart(at);
    this.#prose.restart();
    this.#speaking = this.#launched = true;
  }

  /** Where the driver changes within the stretch. To be asked once, after the last print. */
  handOvers(): HandOver[] {
    return this.#handOvers.finish();
  }

  /**
   * The features; null where nothing was printed. Ends the stretch. `clockSteps` comes from the
   * reader, which alone sees them.
   */
  finish(clockSteps: number | null): { pty: PtyFeatures; rhythm: PtyRhythm } | null {
    if (this.#prints === 0) return null;
    this.#settle();
    const end = this.#trimEnd();
    const lines = this.#lines;
    lines.finish();
    const seconds = end - this.#firstAt;
    const gaps = this.#gaps;
    // what came before the first prompt is the tail of a line that was entered before it all began
    const hasTail = this.#launched || lines.linesWhole > 0 || lines.lines === 0;
    const tail = hasTail ? this.#tail : null;
    const [p10, p50, p90, p99, longest] = gaps.quantiles.quantiles([0.1, 0.5, 0.9, 0.99, 1]);
    const screen = lines.fullScreen;
    const [screenKeyP50, screenKeyP90] = screen.keyPace.gaps.quantiles([0.5, 0.9]);
    const [keyP50, keyP90] = lines.keyPace.gaps.quantiles([0.5, 0.9]);
    const silences = lines.whole.silences.quantiles([0.1, 0.5, 0.9, 0.99]);
    // of a tail that is all there is the gaps are known already
    const allTail = gaps.count === this.#prints - 1 && this.#tail.events === gaps.count;
    const tailGaps = allTail ? [p50, p90] : this.#tail.gaps.quantiles([0.5, 0.9]);
    const pty: PtyFeatures = {
      pty_events: this.#prints,
      pty_bytes: this.#bytes,
      pty_seconds: seconds,
      pty_trimmed_seconds: this.#trimmed,
      pty_events_per_second: seconds > 0 ? (gaps.count + 1) / seconds : null,
      pty_bytes_per_event: this.#bytes / this.#prints,
      pty_gap_p10: p10!,
      pty_gap_p50: p50!,
      pty_gap_p90: p90!,
      pty_gap_p99: p99!,
      pty_gap_max: longest!,
      pty_gap_cv: gaps.cv,
      pty_gap_local_spread: gaps.localSpread,
      pty_gap_share_burst: gaps.share(gaps.burst),
      pty_gap_share_key: gaps.share(gaps.key),
      pty_gap_share_middle: gaps.share(gaps.middle),
      pty_gap_share_think: gaps.share(gaps.think),
      pty_pauses_1s: gaps.over1s,
      pty_pauses_5s: gaps.think,
      pty_pauses_30s: gaps.over30s,
      pty_clock_steps: clockSteps,
      pty_one_char_share: lines.oneChar / this.#prints,
      pty_keys: lines.keys,
      pty_key_gap_p50: keyP50!,
      pty_key_gap_p90: keyP90!,
      pty_key_gap_cv: lines.keyPace.cv,
      pty_key_gap_mad: lines.keyPace.gaps.medianDeviation(keyP50),
      pty_corrections: lines.corrections,
      pty_lines: lines.lines,
      pty_lines_typed: lines.linesTyped,
      pty_lines_whole: lines.linesWhole,
      pty_line_whole_share: lines.lines > 0 ? lines.linesWhole / lines.lines : null,
      pty_enter_delay_p50: lines.enterDelays.quantile(0.5),
      pty_prompt_delay_p50: lines.promptDelays.quantile(0.5),
      pty_pastes: lines.pastes,
      pty_silence_p10: silences[0]!,
      pty_silence_p50: silences[1]!,
      pty_silence_p90: silences[2]!,
      pty_silence_share_5s: lines.linesWhole > 0
        ? lines.whole.silencesOver5s / lines.linesWhole
        : null,
      pty_tail_events: tail && tail.events,
      pty_tail_seconds: tail && tail.seconds,
      pty_tail_gap_p50: tail && tailGaps[0]!,
      pty_tail_gap_p90: tail && tailGaps[1]!,
      pty_tail_line_chars: lines.whole.chars,
      pty_tail_line_words: lines.whole.words,
      pty_tail_stream_share: tail && tail.streamShare,
      pty_tail_pauses_5s: tail && tail.pauses5s,
      pty_tail_redraw_share: tail && tail.redrawShare,
      pty_spinner_period: this.#spinner.finish(),
      pty_spinner_runs: this.#spinner.runs,
      pty_alt_screen_share: screen.prints / this.#prints,
      pty_bracketed_paste: lines.pasteSeen,
      pty_title_changes: lines.screen.titles,
      pty_prompts: lines.prompts,
      pty_resizes: this.#resizes,
      pty_joins: this.#joins,
      pty_tail_prose_share: tail && this.#prose.share,
      pty_line_late_share: lines.lines > 0 ? lines.linesLate / lines.lines : null,
      pty_long_line_words: lines.whole.longWords,
      pty_long_line_prose: lines.whole.longProse,
      pty_silence_p99: silences[3]!,
      pty_full_screens: lines.screen.fullScreens,
      pty_screen_single_share: screen.prints > 0 ? screen.singles / screen.prints : null,
      pty_screen_key_gap_p50: screenKeyP50!,
      pty_screen_key_gap_p90: screenKeyP90!,
      pty_screen_key_gap_cv: screen.keyPace.cv,
    };
    const rhythm: PtyRhythm = {
      bin_seconds: this.#rhythm.binSeconds,
      ...this.#rhythm.until(seconds),
      gap_histogram: [...gaps.histogram],
    };
    return { pty, rhythm };
  }

  // Counts a print and puts it into the block.
  #time(at: number, bytes: number): void {
    const block = this.#block;
    const gap = at - this.#lastAt;
    if (this.#prints === 0) this.#first(at);
    else if (this.#prints <= IDLE_PRINTS && gap > IDLE_SECONDS) this.#restart(at);
    this.#prints += 1;
    this.#bytes += bytes;
    this.#lastAt = at;
    const row = block.length++;
    block.times[row] = at;
    block.gaps[row] = gap;
    block.sizes[row] = bytes;
  }

  // As `#time()`, for rows of a batch.
  #times({ bytes: data, atMs, starts, ends }: EventColumns, first: number, end: number): void {
    const block = this.#block;
    block.bytes = data;
    block.starts.set(starts.subarray(first, end), block.length);
    block.ends.set(ends.subarray(first, end), block.length);
    let row = first;
    for (; row < end && this.#prints <= IDLE_PRINTS; row++) {
      this.#time(atMs[row]! / 1000, ends[row]! - starts[row]!);
    }
    const { length, times, gaps, sizes } = block;
    const begun = length - row;
    let bytes = 0;
    let last = this.#lastAt;
    for (let i = row; i < end; i++) {
      const at = times[begun + i] = atMs[i]! / 1000;
      const size = sizes[begun + i] = ends[i]! - starts[i]!;
      gaps[begun + i] = at - last;
      last = at;
      bytes += size;
    }
    block.length += end - row;
    this.#prints += end - row;
    this.#bytes += bytes;
    this.#lastAt = last;
  }

  // Looks at the text of the last rows of the block: those from `from` on.
  #echoes(from: number): void {
    const lines = this.#lines;
    const handOvers = this.#handOvers;
    const block = this.#block;
    const { bytes, times, starts, ends, sizes, marks, length } = block;
    let quietFrom = from;
    for (let i = from; i < length;) {
      let next = lines.addKeys(block, i, length);
      if (next > i) {
        if (quietFrom < i) handOvers.quiet(times, quietFrom, i);
        handOvers.keys(times, i, next);
        this.#listen(i, next);
        i = quietFrom = next;
        continue;
      }
      next = lines.addBriefs(block, i, length);
      if (next === i) marks[next++] = lines.addOther(times[i]!, bytes, starts[i]!, ends[i]!);
      this.#listen(i, next);
      i = next;
      if (handOvers.unmoved(lines)) continue;
      // of those taken together, the last one
      const last = next - 1;
      if (quietFrom < last) handOvers.quiet(times, quietFrom, last);
      handOvers.print(times[last]!, sizes[last]!, lines);
      quietFrom = next;
    }
    if (quietFrom < length) handOvers.quiet(times, quietFrom, length);
  }

  // Follows what a program says after a line, as far as it is no redraw.
  #listen(first: number, end: number): void {
    const prose = this.#prose;
    // prints that were taken together enter no line, and no prompt comes with them
    if (end - first > 1 && (!this.#speaking || prose.full)) return;
    const { bytes, starts, ends, marks } = this.#block;
    let broken = false;
    for (let i = first; i < end; i++) {
      const mark = marks[i]!;
      if (mark & WHOLE_LINE) prose.restart();
      else if (this.#speaking && (mark & REDRAWN) === 0) {
        prose.add(bytes, starts[i]!, ends[i]!);
        broken = false;
      } else if (!broken) {
        prose.breakRow();
        broken = true;
      }
      if (mark & (WHOLE_LINE | PROMPTED)) this.#speaking = (mark & WHOLE_LINE) !== 0;
    }
  }

  // Measures what needs no text, for all prints in the block.
  #settle(): void {
    const block = this.#block;
    this.#gaps.add(block, this.#gapsFrom);
    this.#rhythm.add(block, this.#rhythmFrom, this.#firstAt);
    this.#tail.add(block);
    this.#spinner.add(block);
    block.length = this.#gapsFrom = this.#rhythmFrom = 0;
  }

  #first(at: number): void {
    this.#firstAt = at;
    if (!this.#launched) this.#tail.restart(at);
    this.#gapsFrom = 1;
    const silence = at - this.#begunAt;
    if (silence > IDLE_SECONDS) this.#trimmed += silence;
  }

  // What came before the silence is cut off.
  #restart(at: number): void {
    this.#trimmed += at - this.#firstAt;
    this.#firstAt = at;
    this.#gaps = new GapStats();
    this.#rhythm = new Rhythm();
    this.#rhythmFrom = this.#block.length;
    this.#gapsFrom = this.#block.length + 1;
  }

  // Cuts off idle time at the end; says when the last print that counts was.
  #trimEnd(): number {
    const gaps = this.#gaps;
    const silence = this.#endedAt - this.#lastAt;
    if (silence > IDLE_SECONDS) this.#trimmed += silence;
    let cut = 0;
    const recent = gaps.last(IDLE_PRINTS);
    recent.forEach((gap, i) => {
      if (gap > IDLE_SECONDS) cut = i + 1;
    });
    let end = this.#lastAt;
    for (const gap of recent.slice(0, cut)) {
      gaps.removeLast(gap);
      this.#trimmed += gap;
      end -= gap;
    }
    return end;
  }
}
