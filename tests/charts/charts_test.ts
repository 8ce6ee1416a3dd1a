import assert from "node:assert/strict";
import { DOMParser } from "linkedom";
import { callsChart } from "../../lib/charts/calls_chart.ts";
import { confidenceChart } from "../../lib/charts/confidence_chart.ts";
import { coverageChart } from "../../lib/charts/coverage_chart.ts";
import { labelChart } from "../../lib/charts/label_chart.ts";
import { CATEGORY_COLOURS, OPERATOR_COLOURS, SERIES_COLOUR } from "../../lib/charts/palette.ts";
import { rhythmChart } from "../../lib/charts/rhythm_chart.ts";
import { ruleMatrixChart } from "../../lib/charts/rule_matrix_chart.ts";
import { identityTimelineChart } from "../../lib/charts/identity_timeline_chart.ts";
import { timelineChart } from "../../lib/charts/timeline_chart.ts";
import { waterfallChart } from "../../lib/charts/waterfall_chart.ts";
import { formatSeconds, wholeTicks } from "../../lib/charts/ticks.ts";
import { GAP_BUCKETS } from "../../lib/model/pty_features.ts";
import { CHARTS, ONE_EVENT } from "./examples.ts";
import { assertGolden } from "./golden.ts";

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

Deno.test("charts show hostile names of sessions as text", () => {
  const hostile = `</text><script>alert(1)</script>\x1b[31m\u202e${"B".repeat(5000)}`;
  const drawn = [
    labelChart([hostile], { key: hostile }),
    timelineChart([{ principal: hostile, substrate: hostile, started_at: "2026-01-01T00:00:00Z" }]),
    identityTimelineChart([
      { id: "a", identity: "x", side: hostile, startedMs: 0, endedMs: 1, operatorType: hostile },
    ], { title: hostile }),
    ruleMatrixChart([{ first: hostile, second: `${hostile}2`, both: 2, opposed: 1 }]),
    coverageChart([{ day: "2026-01-01", coverage: hostile, sessions: 1 }]),
    callsChart([{
      minuteMs: 0,
      callsOmitted: 0,
      calls: [[0, `${hostile}/x`, "ok", null, null, null, 0]],
    }], { title: hostile }),
  ];
  for (const svg of drawn) {
    assert.doesNotMatch(svg, /<script|\p{Cc}(?<!\n)|\u202e/u);
    assert.match(svg, /&lt;script&gt;/);
  }
});

Deno.test("coverageChart() shows the days on which nothing was seen", () => {
  const rows = ["2026-02-27", "2026-03-02"].map((day) => ({
    day,
    coverage: "recorded",
    sessions: 3,
  }));
  assert.match(
    coverageChart(rows),
    />6 sessions on 4 days, 100 % recorded whole; 2 days without any</,
  );
});

Deno.test("waterfallChart() ends at the log-odds against the strongest other class", () => {
  const prior = { human: 0.5, agent: 0.25, automation: 0.25 };
  const votes = [{ ruleId: "a", weights: { agent: 2, human: -1 } }, {
    ruleId: "b",
    weights: { automation: 0.5 },
  }];
  assert.match(
    waterfallChart(votes, { prior, of: "agent", title: "x" }),
    />2 rules voted; agent leads automation by \+1\.50 log-odds: 81\.8 % between the two</,
  );
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
  for (const colour of [...Object.values(OPERATOR_COLOURS), ...CATEGORY_COLOURS, SERIES_COLOUR]) {
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
