import assert from "node:assert/strict";
import fc from "../property.ts";
import { DOMParser } from "linkedom";
import { rhythmChart } from "../../lib/charts/rhythm_chart.ts";
import { sanitizeHtml } from "../../lib/notebook/sanitize_html.ts";
import { assertInert, HOSTILE_MARKUP } from "./inert.ts";

const clean = (markup: string) => sanitizeHtml(markup, { idPrefix: "p-" });

Deno.test("sanitizeHtml() keeps structure and drops what acts", () => {
  const cases: [string, string][] = [
    ["<b onclick=x>hi</b><script>alert(1)</script>", "<b>hi</b>"],
    [`<a href="javascript:x">a</a><a href="https://x">b</a>`, "<a>a</a><a>b</a>"],
    [`<a href="#q">q</a><i id="q">t</i>`, `<a href="#p-q">q</a><i id="p-q">t</i>`],
    [`<td class="shellscope-number btn" style="x">1</td>`, `<td class="shellscope-number">1</td>`],
    ["<form><input value=1>text<button>go</button></form>", "textgo"],
    ["<p>&lt;script&gt;&amp;lt;</p>", "<p>&lt;script&gt;&amp;lt;</p>"],
    ["a\x1b[31m\u202eb", "a\\u001b[31m\\u202eb"],
    ["<!-- c --><br><hr>", "<br><hr>"],
    [
      `<svg viewBox="0 0 1 1"><clipPath id="a"></clipPath><path fill="url(http://x)" clip-path="url(#a)"/></svg>`,
      `<svg viewBox="0 0 1 1"><clipPath id="p-a"></clipPath><path clip-path="url(#p-a)"></path></svg>`,
    ],
    ["<svg><foreignObject><p>x</p></foreignObject><set/><use href='#a'/></svg>", "<svg></svg>"],
  ];
  for (const [markup, expected] of cases) assert.equal(clean(markup), expected);
});

Deno.test("sanitizeHtml() makes known tricks inert", () => {
  for (const markup of HOSTILE_MARKUP) assertInert(clean(markup), markup);
});

Deno.test("sanitizeHtml() gives inert markup for any soup, and the same again", () => {
  const soup = fc.array(
    fc.constantFrom(
      ..."<svg> </svg> <math> <style> </style> <title> </title> <table> <td> <p> </p> <!-- --> <![CDATA[ ]]>"
        .split(" "),
      ..."<a/href=javascript:x> <img/src=x/onerror=x> <noscript> </noscript> <textarea> <template> ' \" = & &lt; /> <"
        .split(" "),
      "<b id=x class=shellscope-x>",
      "<p title='</noscript><img src=x onerror=x>'>",
      "text",
    ),
    { maxLength: 25 },
  ).map((parts) => parts.join(""));
  fc.assert(
    fc.property(soup, (markup) => {
      const once = sanitizeHtml(markup, { idPrefix: "" });
      assertInert(once, markup);
      assertInert(sanitizeHtml(once, { idPrefix: "" }), once);
    }),
    { numRuns: 300 },
  );
});

Deno.test("sanitizeHtml() bounds size, depth and texts, and says so", () => {
  assert.match(
    clean("x".repeat(5_000_000)),
    /^<p class="shellscope-notice">Left out: an output of/,
  );
  assert.match(clean("<div>".repeat(2000) + "x"), /elements nested deeper than 60/);
  assert.match(clean(`<p>${"x".repeat(100_000)}</p>`), /x… \(90000 more\)<\/p>$/);
  assert.ok(clean(`<p title="${"x".repeat(100_000)}">`).length < 11_000);
});

Deno.test("sanitizeHtml() leaves a chart of ours as it is but for its style and its ids", () => {
  const rhythm = {
    bin_seconds: 1,
    events: Array.from({ length: 500 }, (_, i) => i % 7),
    bytes: Array.from({ length: 500 }, (_, i) => i * 11),
    gap_histogram: Array.from({ length: 80 }, (_, i) => i),
  };
  const chart = rhythmChart(rhythm, { title: "A & <b>" });
  const shapes = (markup: string) =>
    [...new DOMParser().parseFromString(markup, "text/html").querySelectorAll("svg *")]
      .filter((element) => element.localName !== "style")
      .map((element) => [element.localName, element.getAttribute("d"), element.textContent]);
  assert.deepEqual(shapes(clean(chart)), shapes(chart));
  const [, id] = /aria-labelledby="([^ ]+)/.exec(chart)!;
  assert.ok(clean(chart).includes(`aria-labelledby="p-${id}`));
  assert.ok(clean(chart).includes(`<title id="p-${id}">A &amp; &lt;b&gt;</title>`));
});
