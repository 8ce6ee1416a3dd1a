import { renderUntrustedMarkdown } from "./render_markdown.ts";
import { parseReplay, playerFrame, REPLAY_TYPE } from "./player.ts";
import { notice, sanitizeHtml } from "./sanitize_html.ts";
import type { Output, RichOutput } from "./nbformat.ts";
import { escapeHtml, visibleText, withoutTerminalCodes } from "./visible_text.ts";

/** Longer texts are cut in the page. */
const LONGEST_TEXT = 50_000;
const LONGEST_IMAGE = 8_000_000;

/** Makes another text of one that a cell put out: one without names. */
export type Rewrite = (text: string) => string;

interface OutputOptions {
  /** Makes ids differ from those of other outputs. */
  idPrefix: string;
  rewrite: Rewrite;
}

/** The HTML of a cell's outputs; `idPrefix` makes their ids differ from those of other cells. */
export function renderOutputs(
  outputs: readonly Output[],
  { idPrefix, rewrite = (text) => text }: { idPrefix: string; rewrite?: Rewrite | undefined },
): string {
  return outputs.map((output, i) => {
    const html = renderOutput(output, { idPrefix: `${idPrefix}-${i}-`, rewrite });
    return `<div class="shellscope-output">${html}</div>\n`;
  }).join("");
}

function renderOutput(output: Output, options: OutputOptions): string {
  switch (output.output_type) {
    case "stream": {
      const className = output.name === "stderr" ? "shellscope-stderr" : null;
      return preformatted(output.text, { className, ...options });
    }
    case "error": {
      const trace = output.traceback.length > 0
        ? output.traceback.join("\n")
        : `${output.ename}: ${output.evalue}`;
      return preformatted(trace, { className: "shellscope-error", ...options });
    }
    default:
      return renderBundle(output.data, options);
  }
}

/** Shows the richest representation that can be made inert. */
function renderBundle(data: RichOutput["data"], options: OutputOptions): string {
  if (REPLAY_TYPE in data) {
    const replay = parseReplay(data[REPLAY_TYPE]);
    return replay === null
      ? notice("a recording that is too large to replay")
      : playerFrame(replay);
  }
  for (const type of ["text/html", "image/svg+xml"]) {
    const markup = data[type];
    if (typeof markup === "string") return sanitizeHtml(markup, options);
  }
  for (const type of ["image/png", "image/jpeg"]) {
    const image = data[type];
    if (typeof image === "string") return renderImage(image, type);
  }
  const markdown = data["text/markdown"];
  if (typeof markdown === "string") return renderUntrustedMarkdown(options.rewrite(markdown));
  const plain = data["text/plain"];
  if (typeof plain === "string") return preformatted(plain, options);
  const json = data["application/json"];
  if (json !== undefined) {
    const text = jsonText(json);
    return text === null ? notice("JSON that nests too deep") : preformatted(text, options);
  }
  return notice(
    `an output of type ${
      visibleText(options.rewrite(Object.keys(data).join(", ")), { maxLength: 200 })
    }`,
  );
}

/** Null where a value nests deeper, or becomes longer, than a text can be. */
function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value, null, 2);
  } catch {
    return null;
  }
}

function renderImage(base64: string, type: string): string {
  const text = base64.replace(/\s+/g, "");
  if (text.length > LONGEST_IMAGE || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    return notice(`an output of type ${type}`);
  }
  return `<img alt="Image of this cell" src="data:${type};base64,${text}">`;
}

function preformatted(
  text: string,
  { rewrite, className = null }: OutputOptions & { className?: string | null },
): string {
  const plain = rewrite(withoutTerminalCodes(text));
  const shown = visibleText(plain, { maxLength: LONGEST_TEXT, keep: "lines" });
  return `<pre${className === null ? "" : ` class="${className}"`}>${escapeHtml(shown)}</pre>`;
}
