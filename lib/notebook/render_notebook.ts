import style from "./page.css" with { type: "text" };
import type { Cell, Notebook } from "./nbformat.ts";
import { type Heading, renderMarkdown } from "./render_markdown.ts";
import { renderOutputs } from "./render_outputs.ts";
import { escapeHtml, visibleText } from "./visible_text.ts";

/** What pages say that were not made for sharing. */
export const NOT_FOR_SHARING =
  "This page was not checked for sharing: it names people, logins and machines as the logs do.";

export interface RenderOptions {
  /** When the page was made: shown at its end. */
  generatedAt: Date;
  /** A warning at the head of the page; none where null. {@link NOT_FOR_SHARING} unless told. */
  banner?: string | null;
  /** The page's title; the notebook's first heading unless told. */
  title?: string;
}

/** Nothing is fetched, run or sent: styles of the page itself and images inside it only. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; " +
  "form-action 'none'";

/**
 * Renders an executed notebook to one self-contained HTML page without a script. What comes from
 * outputs is escaped or rebuilt from a list of harmless elements; code is folded away; light or
 * dark follows the reader; it can be printed.
 */
export function renderNotebook(notebook: Notebook, options: RenderOptions): string {
  const headings: Heading[] = [];
  const cells = notebook.cells.map((cell, i) => renderCell(cell, i + 1, headings));
  const { banner = NOT_FOR_SHARING, generatedAt } = options;
  const first = headings.find((heading) => heading.level === 1);
  const title = shown(options.title ?? first?.text ?? "Notebook");
  const warning = banner === null
    ? ""
    : `<p class="shellscope-banner" role="note">${shown(banner)}</p>\n`;
  // The list of contents goes behind the title and what the page says of itself.
  const opening = first === undefined ? `<h1>${title}</h1>\n` : cells.shift() ?? "";
  const body = opening + renderContents(headings) + cells.join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>
${style}</style>
</head>
<body>
${warning}<main>
${body}</main>
<footer class="shellscope-footer">Made ${generatedAt.toISOString()} by shellscope</footer>
</body>
</html>
`;
}

function renderCell(cell: Cell, number: number, headings: Heading[]): string {
  switch (cell.cell_type) {
    case "markdown":
      return `<section>${renderMarkdown(cell.source, headings)}</section>\n`;
    case "raw":
      return `<pre>${shown(cell.source)}</pre>\n`;
    case "code": {
      if (cell.source.trim() === "") return "";
      const name = cell.execution_count === null ? "Code" : `Code ${cell.execution_count}`;
      return `<section>\n<details class="shellscope-code"><summary>${name}</summary>` +
        `<pre><code>${shown(cell.source)}</code></pre></details>\n` +
        `${renderOutputs(cell.outputs, number)}</section>\n`;
    }
  }
}

function renderContents(headings: readonly Heading[]): string {
  const listed = headings.filter((heading) => heading.level === 2);
  if (listed.length < 2) return "";
  const items = listed.map(({ id, text }) =>
    `<li><a href="#${id}">${escapeHtml(visibleText(text, { maxLength: 120 }))}</a></li>`
  );
  return `<nav class="shellscope-contents" aria-label="Contents"><details open>` +
    `<summary>Contents</summary><ol>${items.join("")}</ol></details></nav>\n`;
}

function shown(text: string): string {
  return escapeHtml(visibleText(text, { maxLength: 100_000, keep: "lines" }));
}
