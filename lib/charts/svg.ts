import { createHash } from "node:crypto";
import { DOMParser } from "linkedom";
import { printable } from "../model/printable.ts";

/** An element as Plot and linkedom hand it over: what is needed of the DOM, no more. */
interface SvgNode {
  nodeType: number;
  localName?: string;
  textContent: string | null;
  childNodes: Iterable<SvgNode>;
  attributes?: Iterable<{ name: string; value: string }>;
}

/** A picture of its own inside a chart: what `Plot.plot` returned, and its height in pixels. */
export interface Panel {
  plot: unknown;
  height: number;
}

/** What a chart says of itself, in sight and to a screen reader. */
interface ChartText {
  /** Names the picture; shown above it. May come from a session: it is made visible and cut. */
  title: string;
  /** What the picture shows in one or two sentences, with its figures. */
  description: string;
  /** A line under the title. */
  subtitle?: string;
  /** What the colours mean; a row of swatches under the subtitle. */
  legend?: readonly LegendEntry[];
}

/** One colour of a chart and what it stands for. */
export interface LegendEntry {
  name: string;
  colour: string;
}

/** Width of every chart in pixels. */
export const CHART_WIDTH = 760;

/**
 * The style a chart carries with it. Inside a page text takes the page's colour; opened alone, the
 * file follows the reader's light or dark setting.
 */
const CHART_STYLE = `.shellscope-chart{display:block;max-width:100%;height:auto}
.shellscope-chart text{white-space:pre}
svg:root.shellscope-chart{color-scheme:light dark;color:CanvasText;background:Canvas}`;

/** A fresh document for `Plot.plot({ document })`; linkedom's, so that no browser is needed. */
export function chartDocument() {
  const page = "<!doctype html><html><body></body></html>";
  return new DOMParser().parseFromString(page, "text/html");
}

/**
 * Puts panels under one another and gives the chart as SVG text that stands alone: namespace,
 * `role="img"`, title and description, ids that no other chart on a page has (they are a hash of
 * the picture), numbers to two decimals. The same input gives the same text.
 */
export function chartSvg(panels: readonly Panel[], text: ChartText): string {
  const title = shortText(text.title, 120);
  const subtitle = text.subtitle === undefined ? "" : shortText(text.subtitle, 160);
  const description = shortText(text.description, 1000);
  const legend = legendRows(text.legend ?? []);
  const head = subtitle === "" ? 30 : 46;
  let top = head + legend.height;
  let body = `<text x="8" y="17" font-size="14" font-weight="600">${escapeXml(title)}</text>`;
  if (subtitle !== "") {
    body += `<text x="8" y="34" font-size="11" fill-opacity="0.75">${escapeXml(subtitle)}</text>`;
  }
  if (legend.height > 0) {
    body += `<g transform="translate(0,${head})" font-size="11">${legend.body}</g>`;
  }
  for (const { plot, height } of panels) {
    body += `<g transform="translate(0,${top})" text-anchor="middle">`;
    for (const child of svgOf(plot as SvgNode).childNodes) body += nodeText(child);
    body += "</g>";
    top += height;
  }
  const id = `shellscope-${
    createHash("sha256").update(description + body).digest("hex").slice(0, 10)
  }`;
  return `<svg xmlns="http://www.w3.org/2000/svg" class="shellscope-chart" role="img"` +
    ` aria-labelledby="${id}-title ${id}-desc" width="${CHART_WIDTH}" height="${top}"` +
    ` viewBox="0 0 ${CHART_WIDTH} ${top}" font-family="system-ui, sans-serif" font-size="11"` +
    ` fill="currentColor"><title id="${id}-title">${escapeXml(title)}</title>` +
    `<desc id="${id}-desc">${escapeXml(description)}</desc><style>${CHART_STYLE}</style>` +
    body.replaceAll("plot-clip-", `${id}-clip-`) + "</svg>\n";
}

/** Swatches with their names, in as many rows as they need; names of one colour share a swatch. */
function legendRows(entries: readonly LegendEntry[]): { body: string; height: number } {
  if (entries.length === 0) return { body: "", height: 0 };
  let [x, y, body] = [8, 8, ""];
  for (const [colour, alike] of Map.groupBy(entries, (entry) => entry.colour)) {
    const label = shortText(alike.map(({ name }) => shortText(name, 40)).join(", "), 110);
    const width = 30 + label.length * 6.4;
    if (x + width > CHART_WIDTH && x > 8) [x, y] = [8, y + 16];
    body += `<rect x="${round(x)}" y="${y - 6}" width="10" height="10" fill="${colour}"/>` +
      `<text x="${round(x + 15)}" y="${y + 3}">${escapeXml(label)}</text>`;
    x += width;
  }
  return { body, height: y + 12 };
}

/** The chart itself where Plot wrapped it into a figure. */
function svgOf(node: SvgNode): SvgNode {
  if (node.localName === "svg") return node;
  for (const child of node.childNodes) {
    if (child.localName === "svg") return child;
  }
  throw new TypeError("Cannot make a chart of what Plot returned: it holds no svg element");
}

function nodeText(node: SvgNode): string {
  if (node.nodeType === 3) return escapeXml(printable(node.textContent ?? ""));
  // Plot's own style sheet is about a page of its own; ours is in CHART_STYLE.
  if (node.nodeType !== 1 || node.localName === "style") return "";
  let text = `<${node.localName}`;
  for (const { name, value } of node.attributes ?? []) {
    text += ` ${name}="${escapeXml(GEOMETRY.has(name) ? rounded(value) : value)}"`;
  }
  const inner = [...node.childNodes].map(nodeText).join("");
  return inner === "" ? `${text}/>` : `${text}>${inner}</${node.localName}>`;
}

const GEOMETRY = new Set("d x y x1 x2 y1 y2 cx cy r width height points transform".split(" "));

function rounded(value: string): string {
  return value.replace(/-?\d*\.\d{3,}(?:e-?\d+)?/g, (number) => String(round(Number(number))));
}

function round(value: number): number {
  return Math.round(value * 100) / 100 + 0; // + 0 makes -0 to 0
}

function shortText(text: string, length: number): string {
  const shown = printable(text.slice(0, length));
  return text.length > length ? `${shown}…` : shown;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
