import assert from "node:assert/strict";
import pl from "nodejs-polars";
import { Html, html, show, table } from "../../lib/notebook/display.ts";
import { display } from "../../lib/notebook/put_out.ts";

Deno.test("html escapes values, joins lists and takes Html as it is", () => {
  const hostile = `<img src=x onerror="alert('1')">\x1b[31m\u202e`;
  assert.equal(
    html`<p title="${`"><script>`}">${hostile}${null}${[1, html`<b>${"&"}</b>`]}</p>`.markup,
    `<p title="&quot;&gt;&lt;script&gt;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;` +
      `\\u001b[31m\\u202e1<b>&amp;</b></p>`,
  );
});

Deno.test("html puts text, not markup, into an attribute", () => {
  assert.equal(
    html`<p title="${html`<b class="x">${"1 < 2"}</b>`}" lang='${null}'>5 < ${6}</p>`.markup,
    `<p title="1 &lt; 2" lang=''>5 < 6</p>`,
  );
});

Deno.test("html is shown by a Jupyter front end, with a text for those without HTML", () => {
  const shown = html`<p>Of <b>${3}</b></p>`;
  assert.deepEqual(Reflect.get(shown, Symbol.for("Jupyter.display")).call(shown), {
    "text/html": "<p>Of <b>3</b></p>",
    "text/plain": "Of 3",
  });
});

Deno.test("html refuses values where they could act", () => {
  const value = "x";
  const cases = [
    () => html`<a href="${value}">x</a>`,
    () => html`<p onclick="${value}">x</p>`,
    () => html`<p style='${value}'>x</p>`,
    () => html`<p title=${value}>x</p>`,
    () => html`<p ${value}>x</p>`,
    () => html`<${value}>x`,
    () => html`<!-- ${value} -->`,
    () => html`<p title="a" class=${value}>x</p>`,
  ];
  for (const make of cases) assert.throws(make, TypeError, make.toString());
});

Deno.test("show() takes SVG text and what Plot returns, and nothing that acts", () => {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" onload="alert(1)"><title>T</title>` +
    `<script>alert(1)</script><path d="M0,0L9,9"/></svg>`;
  for (const chart of [svg, { outerHTML: svg }]) {
    const shown = show(chart);
    assert.equal(
      shown.markup,
      `<figure class="shellscope-figure"><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">` +
        `<title>T</title><path d="M0,0L9,9"></path></svg></figure>`,
    );
    assert.equal(shown.plain, "[T]");
  }
});

Deno.test("table() writes each kind of value", () => {
  const rows = [{
    text: "<b>",
    whole: 1234567,
    share: 0.123456,
    big: 12345.678,
    long: "x".repeat(30),
    none: null,
    yes: true,
    id: 9007199254740993n,
    when: new Date(0),
    labels: { a: 1n },
    html: html`<i>${"<"}</i>`,
  }];
  const cells = [...table(rows).markup.matchAll(/<td.*?<\/td>/g)].map(([cell]) => cell);
  assert.deepEqual(cells, [
    "<td>&lt;b&gt;</td>",
    `<td class="shellscope-number">1234567</td>`,
    `<td class="shellscope-number">0.123</td>`,
    `<td class="shellscope-number">12346</td>`,
    `<td class="shellscope-wraps">${"x".repeat(30)}</td>`,
    `<td class="shellscope-none">–</td>`,
    "<td>true</td>",
    `<td class="shellscope-number">9007199254740993</td>`,
    `<td class="shellscope-wraps">1970-01-01T00:00:00.000Z</td>`,
    "<td>{&quot;a&quot;:&quot;1&quot;}</td>",
    "<td><i>&lt;</i></td>",
  ]);
});

Deno.test("table() shows the columns asked for, with headings and formats", () => {
  const rows = [{ a: 1, b: 2 }, { a: 3 }];
  const format = { c: (_: unknown, row: Record<string, unknown>) => `<${row["a"]}>` };
  assert.equal(
    table(rows, { columns: { c: "C <", a: "A" }, format, caption: "Two & two" }).markup,
    `<div class="shellscope-scroll" role="region" tabindex="0" aria-label="Two &amp; two">` +
      `<table class="shellscope-table"><caption>Two &amp; two</caption><thead><tr>` +
      `<th scope="col">C &lt;</th><th scope="col" class="shellscope-number">A</th></tr></thead><tbody>` +
      `<tr><td>&lt;1&gt;</td><td class="shellscope-number">1</td></tr>` +
      `<tr><td>&lt;3&gt;</td><td class="shellscope-number">3</td></tr></tbody></table></div>`,
  );
  assert.match(table(rows, { columns: ["b"] }).markup, /<th scope="col"[^>]*>b<\/th>/);
});

Deno.test("table() puts a column of numbers to the right, whatever they are written as", () => {
  const rows = [{ share: 0.5, mixed: "a" }, { share: 0.99996, mixed: 1 }, { share: null }];
  const cellsOf = (format = {}) =>
    [...table(rows, { format }).markup.matchAll(/<t[hd]( [^>]*)?>.*?<\/t[hd]>/g)].map(([cell]) =>
      cell
    );
  assert.deepEqual(cellsOf(), [
    `<th scope="col" class="shellscope-number">share</th>`,
    `<th scope="col">mixed</th>`,
    `<td class="shellscope-number">0.5</td>`,
    "<td>a</td>",
    `<td class="shellscope-number">0.999</td>`, // less than all is not written as all
    "<td>1</td>",
    `<td class="shellscope-number shellscope-none">–</td>`,
    `<td class="shellscope-none">–</td>`,
  ]);
  const percent = (share: unknown) => share === null ? null : `${Number(share) * 100} %`;
  assert.equal(cellsOf({ share: percent })[2], `<td class="shellscope-number">50 %</td>`);
  const words = (share: unknown) => `${share} of all that there is`;
  assert.equal(
    cellsOf({ share: words })[2],
    `<td class="shellscope-wraps">0.5 of all that there is</td>`,
  );
});

Deno.test("table() bounds rows and lengths and says what it left out", () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({ i, text: "u".repeat(100_000) }));
  const { markup, plain } = table(rows, { maxRows: 5, maxLength: 50 });
  assert.ok(markup.length < 2000);
  assert.match(markup, /u{50}… \(99950 more\)/);
  assert.match(markup, /<p class="shellscope-notice">995 more rows not shown<\/p>$/);
  assert.equal(plain, "[table of 1000 rows and 2 columns]");
});

Deno.test("table() shows a Polars frame", () => {
  const frame = pl.DataFrame({ name: ["a<", "b", "c"], n: Float64Array.from([1, 2.5, 3]) });
  const { markup, plain } = table(frame, { maxRows: 2 });
  assert.match(markup, /<td>a&lt;<\/td><td class="shellscope-number">1<\/td>/);
  assert.match(markup, />1 more rows not shown</);
  assert.equal(plain, "[table of 3 rows and 2 columns]");
});

Deno.test("table() of nothing is a table of nothing", () => {
  assert.ok(table([]) instanceof Html);
  assert.equal(table([]).plain, "[table of 0 rows and 0 columns]");
});

Deno.test("a table and a chart bring the style that they need in a notebook, words none", () => {
  const shown = (value: Html) =>
    String(Reflect.get(value, Symbol.for("Jupyter.display")).call(value)["text/html"]);
  assert.match(shown(html`<p>One</p>${table([{ a: "x" }])}`), /^<style>[^<]*text-align:left/);
  assert.match(shown(show("<svg><title>T</title></svg>")), /^<style>/);
  assert.equal(shown(html`<p>${'class="shellscope-scroll"'}</p>`).includes("<style>"), false);
});

Deno.test("display() puts a value out and waits for it to be sent, longer for more", async () => {
  const happened: unknown[] = [];
  const waits: number[] = [];
  const broadcast = (type: string, content: unknown) =>
    Promise.resolve(happened.push({ type, content }));
  const { setTimeout } = globalThis;
  const wait = (done: () => void, ms: number) => {
    happened.push("wait");
    waits.push(ms);
    queueMicrotask(done);
  };
  Reflect.set(Deno, "jupyter", { broadcast });
  Reflect.set(globalThis, "setTimeout", wait);
  try {
    await display(html`<p>${"a < b"}</p>`);
    await display(html`<p>${"x".repeat(90_000)}</p>`);
  } finally {
    Reflect.deleteProperty(Deno, "jupyter");
    Reflect.set(globalThis, "setTimeout", setTimeout);
  }
  const data = { "text/html": "<p>a &lt; b</p>", "text/plain": "a < b" };
  assert.deepEqual(happened.slice(0, 2), [
    { type: "display_data", content: { data, metadata: {}, transient: {} } },
    "wait",
  ]);
  assert.equal(waits.length, 2);
  assert.ok(waits.every((ms) => ms >= 25) && waits[1]! > waits[0]! + 1, waits.join());
});
