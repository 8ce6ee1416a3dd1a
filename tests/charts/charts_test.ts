import assert from "node:assert/strict";
import { DOMParser } from "linkedom";
import { confidenceChart } from "../../lib/charts/confidence_chart.ts";
import { OPERATOR_COLOURS, SERIES_COLOUR } from "../../lib/charts/palette.ts";
import { rhythmChart } from "../../lib/charts/rhythm_chart.ts";
import { formatSeconds, wholeTicks } from "../../lib/charts/ticks.ts";
import { GAP_BUCKETS, type PtyRhythm } from "../../lib/model/pty_features.ts";
import { assertGolden } from "./golden.ts";

/** A session of bursts and pauses, the same at every run. */
function burstyRhythm(bins: number): PtyRhythm {
  const events = Array.from(
    { length: bins },
    (_, i) => Math.floor(i / 130) % 3 === 1 ? 0 : (i * i * 7 + i * 13) % 11,
  );
  return {
    bin_seconds: 0.8,
    events,
    bytes: events.map((count, i) => count * (1 + (i * 37) % 1000) * (i % 5 === 0 ? 20 : 1)),
    gap_histogram: Array.from(
      { length: GAP_BUCKETS },
      (_, i) => Math.round(900 * Math.exp(-((i - 29) ** 2) / 18)) + (i > 44 && i < 58 ? i % 6 : 0),
    ),
  };
}

const NOTHING: PtyRhythm = { bin_seconds: 0, events: [], bytes: [], gap_histogram: [] };
const ONE_EVENT: PtyRhythm = {
  bin_seconds: 0,
  events: [1],
  bytes: [12],
  gap_histogram: new Array(GAP_BUCKETS).fill(0),
};

const VERDICTS = Array.from({ length: 195 }, (_, i) => ({
  operator_type: ["human", "agent", "automation", "unknown", "mixed", null][i * i % 6],
  confidence: i % 6 === 3 ? null : 0.35 + ((i * 37) % 66) / 100,
}));

const CHARTS: Record<string, () => string> = {
  "rhythm.svg": () =>
    rhythmChart(burstyRhythm(2000), { title: "A session", operatorType: "agent" }),
  "rhythm_short.svg": () => rhythmChart(burstyRhythm(40), { title: "A short session" }),
  "rhythm_one_event.svg": () => rhythmChart(ONE_EVENT, { title: "One event" }),
  "rhythm_nothing.svg": () => rhythmChart(NOTHING, { title: "No output" }),
  "confidence.svg": () => confidenceChart(VERDICTS),
  "confidence_nothing.svg": () => confidenceChart([]),
};

for (const [name, draw] of Object.entries(CHARTS)) {
  Deno.test(`charts draw ${name} as its golden file`, () => {
    const svg = draw();
    assert.equal(draw(), svg, "the same input gives the same text");
    assertGolden(name, svg);
  });

  Deno.test(`charts make ${name} stand alone and speak for itself`, () => {
    const svg = draw();
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined|<script|href=/);
    const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement!;
    assert.equal(root.getAttribute("role"), "img");
    for (const id of root.getAttribute("aria-labelledby")!.split(" ")) {
      assert.ok(root.querySelector(`[id="${id}"]`)!.textContent!.length > 5);
    }
    const ids = [...root.querySelectorAll("[id]")].map((element) => element.getAttribute("id"));
    assert.equal(new Set(ids).size, ids.length);
  });
}

Deno.test("charts give two pictures different ids", () => {
  const ids = Object.values(CHARTS).map((draw) => /aria-labelledby="([^ ]+)/.exec(draw())![1]);
  assert.equal(new Set(ids).size, ids.length);
});

Deno.test("rhythmChart() shows a hostile title as text", () => {
  const title = `</title><script>alert(1)</script>\x1b]0;x\x07\u202e"onload=" ${
    "A".repeat(100_000)
  }`;
  const svg = rhythmChart(ONE_EVENT, { title });
  assert.ok(svg.length < 20_000);
  assert.doesNotMatch(svg, /<script|\p{Cc}(?<!\n)|\u202e/u);
  assert.match(svg, /&lt;script&gt;alert\(1\)&lt;\/script&gt;\\u001b/);
});

Deno.test("rhythmChart() says events, length, bytes and pauses", () => {
  const gap_histogram = new Array<number>(GAP_BUCKETS).fill(0);
  gap_histogram[46] = 4; // from 3.98 s
  gap_histogram[47] = 2; // from 5.01 s
  gap_histogram[79] = 1;
  const rhythm = { bin_seconds: 0.5, events: [600, 634], bytes: [1, 1000], gap_histogram };
  assert.match(
    rhythmChart(rhythm, { title: "x" }),
    />1,234 print events over 1 s, 1,001 bytes, 3 gaps over 5 s</,
  );
});

Deno.test("confidenceChart() counts what has no verdict with a confidence", () => {
  const rows = [
    { operator_type: "human", confidence: 1 },
    { operator_type: "agent", confidence: null },
    { operator_type: "nonsense", confidence: 0.5 },
    { operator_type: "unknown" },
  ];
  assert.match(
    confidenceChart(rows),
    />Sessions: human 1, agent 0, automation 0, no verdict with a confidence 3</,
  );
});

Deno.test("palette has enough contrast on white and on a near-black page", () => {
  for (const colour of [...Object.values(OPERATOR_COLOURS), SERIES_COLOUR]) {
    assert.ok(contrast(colour, "#ffffff") >= 3, colour);
    assert.ok(contrast(colour, "#14171a") >= 4, colour);
  }
});

Deno.test("formatSeconds() keeps three digits and picks the unit", () => {
  const cases: [number, string][] = [
    [0, "0 s"],
    [0.0001, "0.1 ms"],
    [0.02, "20 ms"],
    [1.5, "1.5 s"],
    [179.96, "180 s"],
    [1602, "26.7 min"],
    [86400, "24 h"],
  ];
  for (const [seconds, text] of cases) assert.equal(formatSeconds(seconds), text);
});

Deno.test("wholeTicks() gives whole steps from 0", () => {
  assert.deepEqual(wholeTicks(1, 4), [0, 1]);
  assert.deepEqual(wholeTicks(44, 4), [0, 20, 40]);
  assert.deepEqual(wholeTicks(938, 6), [0, 200, 400, 600, 800]);
});

/** WCAG 2's contrast of two colours. */
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
