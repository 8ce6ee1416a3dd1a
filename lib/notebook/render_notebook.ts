import style from "./page.css" with { type: "text" };
import type { Notebook } from "./nbformat.ts";
import { PLAYER_SOURCES } from "./player.ts";
import { type Provenance, provenanceMeta, provenanceSection } from "./provenance.ts";
import { renderCells, type RenderedCell, shown } from "./render_cells.ts";
import type { Heading } from "./render_markdown.ts";
import type { Rewrite } from "./render_outputs.ts";
import { escapeHtml, visibleText } from "./visible_text.ts";

/** What pages say that were not made for sharing. */
export const NOT_FOR_SHARING =
  "This page was not checked for sharing: it names people, logins and machines as the logs do.";

/** … that were checked, but keep names since the configuration says so. */
export const NAMES_NOTE =
  "This page was checked for secrets and content; people, logins and machines have their names.";

/** … that were made for sharing. */
export const PSEUDONYMS_NOTE =
  "Names of people, logins, machines and scopes on this page are pseudonyms; it was checked for sharing.";

interface RenderOptions {
  /** When the page was made: shown at its end. */
  generatedAt: Date;
  /** A warning at the head of the page; none where null. {@link NOT_FOR_SHARING} unless told. */
  banner?: string | null;
  /** The page's title; the notebook's first heading unless told. */
  title?: string;
  /** Where the page comes from: shown at its end, and kept in its head for machines. */
  provenance?: Provenance;
  /** Applied to every text that a cell put out. */
  rewrite?: Rewrite;
}

/** A page, and the cells it is made of. */
interface RenderedPage {
  html: string;
  cells: RenderedCell[];
}

/** Nothing is fetched, run or sent: styles of the page itself and images inside it only. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; " +
  "form-action 'none'";
/** … and the player's own script where there is a recording to replay, in a frame of its own. */
const POLICY_WITH_PLAYER = `${POLICY}; font-src data:; script-src ${PLAYER_SOURCES}`;

/**
 * Renders an executed notebook to one self-contained HTML page without a script. What comes from
 * outputs is escaped or rebuilt from a list of harmless elements; code is folded away; light or
 * dark follows the reader; it can be printed.
 */
export function renderNotebook(notebook: Notebook, options: RenderOptions): string {
  return renderPage(notebook, options).html;
}

/** As {@link renderNotebook}, with the cells told apart. Injected parameters are not shown twice. */
export function renderPage(notebook: Notebook, options: RenderOptions): RenderedPage {
  const headings: Heading[] = [];
  const { banner = NOT_FOR_SHARING, generatedAt, provenance, rewrite } = options;
  const cells = renderCells(notebook, { headings, rewrite });
  const sections = cells.filter((cell) => provenance === undefined || cell.kind !== "parameters")
    .map((cell) => cell.html);
  const first = headings.find((heading) => heading.level === 1);
  const title = shown(options.title ?? first?.text ?? "Notebook");
  const warning = banner === null
    ? ""
    : `<p class="shellscope-banner" role="note">${shown(banner)}</p>\n`;
  // The list of contents goes behind the title and what the page says of itself.
  const opening = first === undefined ? `<h1>${title}</h1>\n` : sections.shift() ?? "";
  const body = opening + renderContents(headings) + sections.join("") +
    (provenance === undefined ? "" : provenanceSection(provenance));
  const plays = cells.some((cell) => cell.outputs.includes(`<figure class="shellscope-replay">`));
  const policy = plays ? POLICY_WITH_PLAYER : POLICY;
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
${provenance === undefined ? "" : provenanceMeta(provenance)}<title>${title}</title>
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
  return { html, cells };
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
