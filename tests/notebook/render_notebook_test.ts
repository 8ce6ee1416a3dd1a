import assert from "node:assert/strict";
import { DOMParser } from "linkedom";
import { confidenceChart } from "../../lib/charts/confidence_chart.ts";
import { html, show, table } from "../../lib/notebook/display.ts";
import type { Output } from "../../lib/notebook/nbformat.ts";
import { renderNotebook } from "../../lib/notebook/render_notebook.ts";
import { openInChromium } from "./chromium.ts";
import { assertInert, HOSTILE_MARKUP, HOSTILE_TEXT } from "./inert.ts";
import { code, displayed, markdown, notebook } from "./notebooks.ts";

const generatedAt = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));

/** A page with every hostile text and markup in every place where an output can have one. */
function hostilePage(): string {
  const outputs: Output[] = [];
  for (const text of [...HOSTILE_TEXT, ...HOSTILE_MARKUP]) {
    outputs.push(
      { output_type: "stream", name: "stdout", text },
      { output_type: "stream", name: "stderr", text },
      { output_type: "error", ename: text, evalue: text, traceback: [text] },
      { output_type: "error", ename: text, evalue: text, traceback: [] },
      {
        output_type: "execute_result",
        execution_count: 1,
        data: { "text/plain": text },
        metadata: {},
      },
      displayed({ "text/html": text }),
      displayed({ "text/html": html`<p title="${text}">${text}</p>`.markup }),
      displayed({ "text/html": table([{ [text.slice(0, 50)]: text }], { caption: text }).markup }),
      displayed({ "image/svg+xml": `<svg viewBox="0 0 9 9">${text}</svg>` }),
      displayed({ "image/svg+xml": show(confidenceChart([], { title: text })).markup }),
      displayed({ "text/markdown": text }),
      displayed({ "image/png": text }),
      displayed({ "application/json": { [text]: [text] } }),
      displayed({ [text]: text }),
    );
  }
  // Markdown is our own text, never a session's: its words need not be long.
  const cells = [...HOSTILE_TEXT, ...HOSTILE_MARKUP].map((text) => text.slice(0, 500)).flatMap((
    text,
  ) => [
    markdown(`# ${text}\n\n${text}\n\n## ${text}`),
    code(text, { outputs: [] }),
  ]);
  return renderNotebook(notebook(...cells, code("1", { outputs })), {
    title: HOSTILE_TEXT.join(" ").slice(0, 3000),
    banner: HOSTILE_TEXT.join(" ").slice(0, 3000),
    generatedAt,
  });
}

/** The page's own parts taken away, what came from the notebook is left. */
function bodyOf(page: string): string {
  return /<body>([^]*)<\/body>/.exec(page)![1]!;
}

Deno.test("renderNotebook() makes hostile text and markup inert in every kind of output", () => {
  const page = hostilePage();
  assertInert(bodyOf(page).replaceAll(/ (rel|href)="(noopener noreferrer|https?:[^"]*)"/g, ""));
  // Not assert.match: it would print the whole page.
  assert.ok(!/<(script|base|link rel=stylesheet)|http-equiv="refresh/i.test(page));
  assert.ok(page.length < 12_000_000);
});

Deno.test("renderNotebook()'s hostile page does nothing in a browser, even without its policy", async () => {
  const page = hostilePage().replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "");
  const seen = await openInChromium(page);
  if (seen === null) return;
  assert.deepEqual(seen.console, []);
  const document = new DOMParser().parseFromString(seen.html, "text/html");
  assert.match(document.title, /^<script>document\.title="PWNED"<\/script>/, "as given, not run");
  assert.equal(document.querySelectorAll("script, iframe, object, embed, form, base").length, 0);
  assert.ok(document.querySelectorAll("section").length > 60);
});

Deno.test("renderNotebook() gives a page that fetches nothing and runs nothing", () => {
  const page = renderNotebook(notebook(markdown("# Question"), code("1 < 2")), { generatedAt });
  assert.match(
    page,
    /^<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:;/,
  );
  assert.match(page, /<title>Question<\/title>/);
  assert.match(page, /role="note">This page was not checked for sharing/);
  assert.match(
    page,
    /<details class="shellscope-code"><summary>Code<\/summary><pre><code>1 &lt; 2</,
  );
  assert.match(page, /Made 2026-01-02T03:04:05\.000Z by shellscope/);
  assert.match(page, /prefers-color-scheme: dark/);
  assert.match(page, /@media print/);
  assert.doesNotMatch(page, /<script|src="http|@import|url\(/);
});

Deno.test("renderNotebook() leaves the banner out and takes a title where asked to", () => {
  const page = renderNotebook(notebook(markdown("text")), {
    generatedAt,
    banner: null,
    title: "A & B",
  });
  assert.doesNotMatch(page, /role="note"/);
  assert.match(page, /<title>A &amp; B<\/title>/);
  assert.match(page, /<h1>A &amp; B<\/h1>/);
});

Deno.test("renderNotebook() lists contents, with headings that are there", () => {
  const page = renderNotebook(
    notebook(
      markdown("# T\n\n## One `x`\n\ntext"),
      markdown("## Two & <b>"),
      markdown("### Three"),
    ),
    { generatedAt },
  );
  const document = new DOMParser().parseFromString(page, "text/html");
  const links = [...document.querySelectorAll("nav a")];
  assert.deepEqual(links.map((link) => link.textContent), ["One x", "Two & <b>"]);
  for (const link of links) {
    assert.ok(document.getElementById(link.getAttribute("href")!.slice(1)));
  }
});

Deno.test("renderNotebook() shows Markdown without HTML, images or odd links", () => {
  const source =
    `[a](https://example.com) [b](javascript:alert(1)) ![c](https://example.com/x.png)` +
    `\n\n<b onclick="x">d</b>\n\n| h |\n|---|\n| **e** |`;
  const page = renderNotebook(notebook(markdown(source)), { generatedAt });
  assert.match(page, /<a href="https:\/\/example\.com" rel="noopener noreferrer">a<\/a>/);
  assert.match(page, /\[b\]\(javascript:alert\(1\)\)/);
  assert.match(page, /&lt;b onclick=&quot;x&quot;&gt;d/);
  assert.match(page, /<td><strong>e<\/strong><\/td>/);
  assert.doesNotMatch(page, /<img|href="javascript/);
});

Deno.test("renderNotebook() shows charts with their titles, ids of their own each time", () => {
  const outputs = [1, 2].map(() => displayed({ "text/html": show(confidenceChart([])).markup }));
  const page = renderNotebook(notebook(code("1", { outputs })), { generatedAt });
  const document = new DOMParser().parseFromString(page, "text/html");
  const charts = [...document.querySelectorAll(`svg[role="img"]`)];
  assert.equal(charts.length, 2);
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.getAttribute("id"));
  assert.equal(new Set(ids).size, ids.length);
  for (const chart of charts) {
    for (const id of chart.getAttribute("aria-labelledby")!.split(" ")) assert.ok(ids.includes(id));
  }
});

Deno.test("renderNotebook() shows the richest representation, and says what it can't show", () => {
  const render = (data: Record<string, unknown>) =>
    bodyOf(renderNotebook(notebook(code("1", { outputs: [displayed(data)] })), { generatedAt }));
  assert.match(render({ "text/plain": "p", "text/html": "<b>h</b>" }), /"><b>h<\/b><\/div>/);
  assert.match(render({ "text/plain": "a\x1b[31mb" }), /<pre>ab<\/pre>/);
  assert.match(
    render({ "image/png": "iVBORw0K\nGgo=" }),
    /<img alt="[^"]+" src="data:image\/png;base64,iVBORw0KGgo=">/,
  );
  assert.match(render({ "application/json": { a: ["<"] } }), /&quot;a&quot;: \[\n/);
  assert.match(
    render({ "application/x-thing": 1 }),
    /Left out: an output of type application\/x-thing/,
  );
  const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
  assert.match(render({ "application/json": deep }), /Left out: JSON that nests too deep/);
  assert.match(render({ "image/png": "not base64!" }), /Left out: an output of type image\/png/);
});
