import { Random } from "../../fixtures/generate/random.ts";
import { commandLine, outputLine } from "./bench_text.ts";

/** One print of a made-up session. */
interface ShapedPrint {
  /** Milliseconds since the print before. */
  gapMs: number;
  data: string;
}

/** Shapes of terminal output, from which a speed may differ by an order of magnitude. */
export const SHAPES = {
  "typing mix": typingMix,
  "tiny redraws": tinyRedraws,
  "long output": longOutput,
} as const;

export type ShapeName = keyof typeof SHAPES;

/** Commands typed key by key, each answered by prints of 10 to 150 bytes. Endless. */
function* typingMix(random: Random): Generator<ShapedPrint> {
  for (;;) {
    yield {
      gapMs: random.int(2, 40),
      data: "\x1b[01;32mdana@web-1\x1b[00m:\x1b[01;34m~\x1b[00m$ ",
    };
    for (const key of commandLine(random)) {
      yield { gapMs: random.logNormal(140, 0.5), data: key };
    }
    yield { gapMs: random.logNormal(300, 0.6), data: "\r\n" };
    const lines = random.int(5, 40);
    for (let line = 0; line < lines; line++) {
      const size = random.int(10, 150);
      const text = outputLine(random, size - 2);
      yield { gapMs: random.logNormal(4, 0.8), data: `${text}\r\n` };
    }
  }
}

const SPINNER = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];

/** Spinners, counters, progress bars and single cells of a full screen: 4 to 20 bytes a print. */
function* tinyRedraws(random: Random): Generator<ShapedPrint> {
  for (;;) {
    const frames = random.int(20, 200);
    const way = random.int(0, 2);
    for (let frame = 0; frame < frames; frame++) {
      const gapMs = random.logNormal(way === 0 ? 80 : 30, 0.1);
      if (way === 0) yield { gapMs, data: `\r${SPINNER[frame % SPINNER.length]} ${frame}s` };
      else if (way === 1) yield { gapMs, data: `\b\b\b\b${String(frame % 101).padStart(3)}%` };
      else {
        const place = `\x1b[${random.int(1, 40)};${random.int(1, 120)}H`;
        yield { gapMs, data: place + outputLine(random, random.int(1, 6)) };
      }
    }
    yield { gapMs: 400, data: "\r\x1b[K" };
  }
}

/** A program that writes without end: 500 to 4,000 bytes a print, some of it coloured. */
function* longOutput(random: Random): Generator<ShapedPrint> {
  for (;;) {
    const size = random.int(500, 4000);
    let data = "";
    while (data.length < size) {
      const line = outputLine(random, random.int(20, 140));
      data += random.chance(0.3) ? `\x1b[33m${line}\x1b[0m\r\n` : `${line}\r\n`;
    }
    yield { gapMs: random.logNormal(8, 1), data };
  }
}
