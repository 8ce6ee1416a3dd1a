import assert from "node:assert/strict";
import type { HandOver } from "../../lib/features/hand_overs.ts";
import { RecordingFeatures } from "../../lib/features/recording_features.ts";
import { SegmentFeatures } from "../../lib/features/segments.ts";
import type { RecordingEvent } from "../../lib/model/event.ts";
import {
  aroundSeam,
  type Print,
  readPrints,
  sameDriver,
  type Splice,
  splices,
  withStart,
} from "./splices.ts";
import { absent } from "../rules/public_casts.ts";

const PROMPT = "\x1b[?2004hanna@box:~$ ";

/** A recording that is written as it is played. */
class Tape {
  readonly prints: Print[] = [];
  #at = 0;

  print(gap: number, text: string): void {
    this.#at += gap;
    this.prints.push({
      type: "print",
      atMs: this.#at * 1000,
      data: new TextEncoder().encode(text),
    });
  }

  /** Lines typed at a prompt, each with some output. */
  person(lines: number, { output = 6 } = {}): void {
    for (let line = 0; line < lines; line++) {
      this.print(0.02, PROMPT);
      for (let key = 0; key < 8; key++) this.print(0.09 + 0.04 * ((key * 7) % 5), "x");
      this.print(0.4, "\r\n\x1b[?2004l\r");
      for (let row = 0; row < output; row++) this.print(0.03, "some output of a program\r\n");
    }
    this.print(0.02, PROMPT);
  }

  /** An agent's program: words stream, a spinner turns. */
  program(seconds: number): void {
    this.print(0.5, "x");
    this.print(0.3, "\r\n\x1b[?2004l\r");
    for (let i = 0; i < seconds * 8; i++) {
      if (i % 200 < 100) this.print(0.12, `\r\x1b[2K| working ${i}`);
      else this.print(0.13, "word ");
    }
  }

  /** Whole lines at the prompt, after silence. */
  injected(lines: number): void {
    for (let line = 0; line < lines; line++) {
      this.print(0.02, PROMPT);
      this.print(6, "make the next thing\r\n\x1b[?2004l\r");
      for (let row = 0; row < 6; row++) this.print(0.01, "some output of a program\r\n");
    }
    this.print(0.02, PROMPT);
  }
}

function handOvers(events: readonly RecordingEvent[]): HandOver[] {
  const features = new RecordingFeatures();
  features.add(events);
  return features.handOvers();
}

function played(play: (tape: Tape) => void): Print[] {
  const tape = new Tape();
  play(tape);
  return tape.prints;
}

Deno.test("hand-overs: a person starts a program, and takes over again", () => {
  const seams: number[] = [];
  const prints = played((tape) => {
    tape.person(10);
    seams.push(tape.prints.length);
    tape.program(60);
    seams.push(tape.prints.length);
    tape.person(10);
  });
  const found = handOvers(prints);
  assert.deepEqual(found.map(({ to }) => to), ["program", "hands"]);
  found.forEach(({ print, at }, i) => {
    assert.ok(Math.abs(print - seams[i]!) <= 10, `${print} for ${seams[i]}`);
    assert.equal(at, prints[print]!.atMs / 1000);
  });
});

Deno.test("hand-overs: an agent that enters whole lines gives way to a person", () => {
  let seam = 0;
  const prints = played((tape) => {
    tape.injected(12);
    seam = tape.prints.length;
    tape.person(6);
  });
  const [found, ...others] = handOvers(prints);
  assert.equal(found?.to, "hands");
  assert.ok(Math.abs(found.print - seam) <= 10);
  assert.deepEqual(others, []);
});

Deno.test("hand-overs: none where one person types, whatever the programs print", () => {
  assert.deepEqual(handOvers(played((tape) => tape.person(30, { output: 40 }))), []);
  assert.deepEqual(handOvers(played((tape) => tape.person(1))), []);
});

Deno.test("hand-overs: none where nobody types", () => {
  assert.deepEqual(handOvers(played((tape) => tape.program(300))), []);
  assert.deepEqual(handOvers(played((tape) => tape.injected(40))), []);
  for (let prints = 0; prints < 12; prints++) {
    const some = played((tape) => tape.person(1)).slice(0, prints);
    assert.deepEqual(handOvers(some), [], `${prints} prints`);
  }
});

Deno.test("hand-overs: none in an editor at a person's pace", () => {
  const prints = played((tape) => {
    tape.person(4);
    tape.print(0.3, "\x1b[?1049h\x1b[H\x1b[2J");
    for (let key = 0; key < 900; key++) {
      tape.print(0.1 + 0.05 * ((key * 7) % 11), `\x1b[24;60H${key},1\x1b[3;${key % 80}Hx`);
    }
    tape.print(0.3, "\x1b[?1049l");
    tape.person(4);
  });
  assert.deepEqual(handOvers(prints), []);
});

Deno.test("hand-overs: at most 99 are followed", () => {
  const prints = played((tape) => {
    for (let round = 0; round < 120; round++) {
      tape.person(3);
      tape.program(60);
    }
  });
  assert.equal(handOvers(prints).length, 99);
});

Deno.test("SegmentFeatures measures each stretch by itself, and nothing twice", () => {
  const prints = played((tape) => {
    tape.person(10);
    tape.program(60);
    tape.person(10);
  });
  const events = withStart(prints);
  const whole = new RecordingFeatures();
  whole.add(events);
  const found = whole.handOvers();
  const features = new SegmentFeatures(found);
  for (const event of events) features.add([event]);
  const segments = features.finish();
  assert.equal(segments.length, 3);
  const counted = segments.map(({ pty }) => pty!.pty_events!);
  assert.equal(counted.reduce((sum, n) => sum + n), prints.length);
  assert.equal(segments[0]!.fromSeconds, 0);
  assert.equal(segments[2]!.untilSeconds, prints.at(-1)!.atMs / 1000);
  segments.slice(1).forEach(({ fromSeconds }, i) => {
    assert.equal(fromSeconds, segments[i]!.untilSeconds);
    assert.equal(fromSeconds, found[i]!.at);
  });
  const alone = new RecordingFeatures();
  alone.add(withStart(prints.slice(0, found[0]!.print)));
  assert.deepEqual(segments[0]!.pty, alone.finish().pty);
  assert.equal(segments[1]!.pty!.pty_keys, 0);
  assert.ok(segments[1]!.pty!.pty_tail_events! > 400, "the program is the tail of what began it");
  assert.ok(segments[2]!.pty!.pty_lines_typed! >= 9);
});

Deno.test("SegmentFeatures has none without a hand-over", () => {
  const features = new SegmentFeatures([]);
  features.add(played((tape) => tape.person(2)));
  assert.deepEqual(features.finish(), []);
});

Deno.test({
  name: "hand-overs on public recordings, whole and spliced (needs ../shared/data)",
  ignore: absent,
  async fn() {
    const recorded = await readPrints();
    const split = recorded.filter(({ prints }) => handOvers(withStart(prints)).length > 0);
    const people = split.filter(({ truth }) => truth === "human").length;
    const joined = splices(recorded, 200);
    const found = joined.filter(isFound);
    const trimmed = joined.map(aroundSeam).filter(isFound);
    const same = sameDriver(recorded, 200, hasKeys).filter(isFound);
    console.log(
      `hand-overs: ${found.length} of ${joined.length} splices found, ${trimmed.length} where both ` +
        `sides are cut to as many prints; ${same.length} of 200 seams between halves of one kind of ` +
        `driver; ${split.length} of ${recorded.length} whole recordings split, ${people} of them ` +
        `people's`,
    );
    assert.ok(same.length <= 0.05 * 200, "the seam shows in something else than the driver");
    assert.ok(found.length >= 0.8 * joined.length);
    assert.ok(split.length <= 0.05 * recorded.length);
    assert.ok(people <= 0.05 * recorded.filter(({ truth }) => truth === "human").length);
  },
});

// A change within 10 prints or 10 s of the seam.
function isFound({ prints, seam }: Splice): boolean {
  return handOvers(withStart(prints)).some(({ print, at }) =>
    Math.abs(print - seam) <= 10 || Math.abs(at - prints[seam]!.atMs / 1000) <= 10
  );
}

function hasKeys(prints: readonly Print[]): boolean {
  const features = new RecordingFeatures();
  features.add(withStart(prints));
  return features.finish().pty!.pty_keys! >= 5;
}

if (absent) console.log("../shared/data is absent: hand-overs are not measured on it");
