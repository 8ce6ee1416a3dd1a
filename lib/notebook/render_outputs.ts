import { renderUntrustedMarkdown } from "./render_markdown.ts";
import { notice, sanitizeHtml } from "./sanitize_html.ts";
import type { Output, RichOutput } from "./nbformat.ts";
import { escapeHtml, visibleText, withoutTerminalCodes } from "./visible_text.ts";

/** Longer texts are cut in the page. */
const LONGEST_TEXT = 50_000;
const LONGEST_IMAGE = 8_000_000;

/** The HTML of a cell's outputs; `cell` makes their ids differ from those of other cells. */
export function renderOutputs(outputs: readonly Output[], cell: number): string {
  return outputs.map((output, i) =>
    `<div class="shellscope-output">${renderOutput(output, `c${cell}-${i}-`)}</div>\n`
  ).join("");
}

function renderOutput(output: Output, idPrefix: string): string {
  switch (output.output_type) {
    case "stream":
      return preformatted(output.text, output.name === "stderr" ? "shellscope-stderr" : null);
    case "error": {
      const trace = output.traceback.length > 0
        ? output.traceback.join("\n")
        : `${output.ename}: ${output.evalue}`;
      return preformatted(trace, "shellscope-error");
    }
    default:
      return renderBundle(output.data, idPrefix);
  }
}

/** Shows the richest representation that can be made inert. */
function renderBundle(data: RichOutput["data"], idPrefix: string): string {
  for (const type of ["text/html", "image/svg+xml"]) {
    const markup = data[type];
    if (typeof markup === "string") return sanitizeHtml(markup, { idPrefix });
  }
  for (const type of ["image/png", "image/jpeg"]) {
    const image = data[type];
    if (typeof image === "string") return renderImage(image, type);
  }
  const markdown = data["text/markdown"];
  if (typeof markdown === "string") return renderUntrustedMarkdown(markdown);
  const plain = data["text/plain"];
  if (typeof plain === "string") return preformatted(plain, null);
  const json = data["application/json"];
  if (json !== undefined) return preformatted(JSON.stringify(json, null, 2), null);
  return notice(
    `an output of type ${visibleText(Object.keys(data).join(", "), { maxLength: 200 })}`,
  );
}

function renderImage(base64: string, type: string): string {
  const text = base64.replace(/\s+/g, "");
  if (text.length > LONGEST_IMAGE || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    return notice(`an output of type ${type}`);
  }
  return `<img alt="Image of this cell" src="data:${type};base64,${text}">`;
}

function preformatted(text: string, className: string | null): string {
  const shown = visibleText(withoutTerminalCodes(text), { maxLength: LONGEST_TEXT, keep: "lines" });
  return `<pre${className === null ? "" : ` class="${className}"`}>${escapeHtml(shown)}</pre>`;
}
