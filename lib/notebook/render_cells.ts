import { type Cell, cellTags, type Notebook } from "./nbformat.ts";
import { INJECTED_TAG } from "./parameters.ts";
import { type Heading, renderMarkdown } from "./render_markdown.ts";
import { renderOutputs, type Rewrite } from "./render_outputs.ts";
import { escapeHtml, visibleText } from "./visible_text.ts";

/** A cell as a page shows it. */
export interface RenderedCell {
  /** Its place among the cells of the file, from 1; an injected cell has that of the one before. */
  place: number;
  kind: "text" | "code" | "parameters";
  /** What its author wrote. */
  source: string;
  /** HTML of what it put out. */
  outputs: string;
  /** HTML of the whole cell. */
  html: string;
}

/** The cells of an executed notebook; their headings are added to `headings`. */
export function renderCells(
  notebook: Notebook,
  options: { headings: Heading[]; rewrite?: Rewrite | undefined },
): RenderedCell[] {
  let place = 0;
  const cells: RenderedCell[] = [];
  for (const cell of notebook.cells) {
    const injected = cellTags(cell).includes(INJECTED_TAG);
    if (!injected) place++;
    if (cell.source.trim() === "") continue;
    const id = injected ? `cell-${place}-parameters` : `cell-${place}`;
    const outputs = cell.cell_type === "code"
      ? renderOutputs(cell.outputs, { idPrefix: `c${cells.length + 1}`, rewrite: options.rewrite })
      : "";
    cells.push({
      place,
      kind: injected ? "parameters" : cell.cell_type === "code" ? "code" : "text",
      source: cell.source,
      outputs,
      html: `<section id="${id}">${sourceHtml(cell, options.headings)}${outputs}</section>\n`,
    });
  }
  return cells;
}

function sourceHtml(cell: Cell, headings: Heading[]): string {
  switch (cell.cell_type) {
    case "markdown":
      return renderMarkdown(cell.source, headings);
    case "raw":
      return `<pre>${shown(cell.source)}</pre>\n`;
    case "code": {
      const name = cell.execution_count === null ? "Code" : `Code ${cell.execution_count}`;
      return `\n<details class="shellscope-code"><summary>${name}</summary>` +
        `<pre><code>${shown(cell.source)}</code></pre></details>\n`;
    }
  }
}

/** Text of the page's own, as HTML. */
export function shown(text: string): string {
  return escapeHtml(visibleText(text, { maxLength: 100_000, keep: "lines" }));
}
