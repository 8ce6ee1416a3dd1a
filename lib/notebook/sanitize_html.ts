import { DOMParser } from "linkedom";
import { escapeHtml, visibleText } from "./visible_text.ts";

/**
 * Writes HTML or SVG anew with nothing in it that acts: only elements and attributes on a list are
 * written, every text is escaped and made visible. No script, style, frame, form, event handler,
 * image or address that leads out of the page comes through, whatever the parser made of the input:
 * nothing of it is copied, all is built. Longer than 4,000,000 UTF-16 units, it is left out and the
 * page says so.
 *
 * Ids get `idPrefix`, and references to them, so that outputs of one page do not clash. `rewrite`
 * is applied to every text and to attributes that are read out.
 */
export function sanitizeHtml(
  html: string,
  options: { idPrefix: string; rewrite?: (text: string) => string },
): string {
  const { idPrefix, rewrite = (text) => text } = options;
  if (html.length > LONGEST_HTML) return notice(`an output of ${html.length} characters`);
  const page = new DOMParser().parseFromString(
    `<!doctype html><html><body>${html}</body></html>`,
    "text/html",
  );
  return childrenOf(page.documentElement as unknown as Node, { idPrefix, rewrite, depth: 0 });
}

/** Says in the page that something is not shown. */
export function notice(what: string): string {
  return `<p class="shellscope-notice">Left out: ${escapeHtml(what)}</p>`;
}

interface Node {
  nodeType: number;
  nodeValue: string | null;
  localName?: string;
  childNodes: Iterable<Node>;
  attributes?: Iterable<{ name: string; value: string }>;
}

interface Place {
  idPrefix: string;
  rewrite: (text: string) => string;
  depth: number;
}

/** Deeper nesting than any of our outputs has; beyond it a page could exhaust the stack. */
const DEEPEST = 60;
/** Browsers take seconds to break a longer word into lines. */
const LONGEST_HTML = 4_000_000;
const LONGEST_TEXT = 10_000;

function childrenOf(node: Node, place: Place): string {
  if (place.depth > DEEPEST) return notice(`elements nested deeper than ${DEEPEST}`);
  let markup = "";
  let text = "";
  const takeText = () => {
    const shown = visibleText(place.rewrite(text), { maxLength: LONGEST_TEXT, keep: "lines" });
    text = "";
    return escapeHtml(shown);
  };
  for (const child of node.childNodes) {
    // the parser cuts texts at entities
    if (child.nodeType === 3) text += child.nodeValue ?? "";
    else if (child.nodeType === 1) markup += takeText() + elementText(child, place);
  }
  return markup + takeText();
}

function elementText(node: Node, place: Place): string {
  const lower = (node.localName ?? "").toLowerCase();
  if (DROPPED.has(lower)) return "";
  const name = ELEMENTS.get(lower);
  const inner = () => childrenOf(node, { ...place, depth: place.depth + 1 });
  if (name === undefined) return inner(); // an element we don't know: what it holds, not itself
  let tag = `<${name}`;
  for (const attribute of node.attributes ?? []) {
    const lowerName = attribute.name.toLowerCase();
    const given = READ_OUT.has(lowerName) ? place.rewrite(attribute.value) : attribute.value;
    const value = attributeValue(lowerName, given, place.idPrefix);
    if (value === null) continue;
    tag += ` ${ATTRIBUTES.get(lowerName)}="${escapeHtml(value)}"`;
  }
  return VOID.has(name) ? `${tag}>` : `${tag}>${inner()}</${name}>`;
}

/** The value to write, or null where the attribute is dropped. `name` is in lower case. */
function attributeValue(name: string, value: string, idPrefix: string): string | null {
  if (!ATTRIBUTES.has(name)) return null;
  const shown = visibleText(value, { maxLength: LONGEST_TEXT });
  switch (name) {
    case "class":
      return value.split(/\s+/).filter((token) => /^shellscope-[a-z-]+$/.test(token)).join(" ") ||
        null;
    case "id":
      return ID.test(value) ? idPrefix + value : null;
    case "aria-labelledby":
    case "aria-describedby": {
      const ids = value.split(/\s+/).filter((id) => ID.test(id));
      return ids.length === 0 ? null : ids.map((id) => idPrefix + id).join(" ");
    }
    case "href":
      return value.startsWith("#") && ID.test(value.slice(1))
        ? `#${idPrefix}${value.slice(1)}`
        : null;
    case "xmlns":
      return value === "http://www.w3.org/2000/svg" ? value : null;
    case "tabindex":
      return value === "0" ? value : null;
    case "d":
    case "points":
      // Paths are long where charts are dense: not to be cut, and of few characters.
      return /^[\sA-Za-z\d.,+-]*$/.test(value) ? value : null;
  }
  const reference = /^url\(#([\w-]+)\)$/.exec(value);
  if (reference) return `url(#${idPrefix}${reference[1]})`;
  return /url\s*\(|\\/i.test(value) && PAINT.has(name) ? null : shown;
}

/** Attributes that hold text for people. */
const READ_OUT = new Set(["title", "aria-label"]);
const ID = /^[A-Za-z][\w-]{0,100}$/;
const VOID = new Set(["br", "hr", "col"]);

/** Dropped with all they hold; other elements that are not on the list leave their text. */
const DROPPED = new Set(
  ("script style template iframe frame frameset object embed applet noscript noembed noframes " +
    "textarea select option foreignobject animate animatemotion animatetransform set math " +
    "audio video source track canvas xmp plaintext head link meta base").split(" "),
);

const ELEMENTS = byLowerCase(
  "a abbr b bdi blockquote br caption code col colgroup dd details div dl dt em figcaption figure " +
    "h2 h3 h4 h5 h6 hr i kbd li ol p pre s samp section small span strong sub summary sup table " +
    "tbody td tfoot th thead tr u ul " +
    "svg g path rect circle ellipse line polyline polygon text tspan title desc defs clipPath " +
    "linearGradient stop",
);

const PAINT = byLowerCase("fill stroke clip-path mask filter marker-start marker-mid marker-end");

const ATTRIBUTES = byLowerCase(
  "class id title lang role tabindex aria-label aria-labelledby aria-describedby aria-hidden " +
    "colspan rowspan scope span open href start " +
    "xmlns viewBox width height x y x1 x2 y1 y2 cx cy r rx ry d points transform dx dy offset " +
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray " +
    "stroke-linecap stroke-linejoin stroke-miterlimit opacity clip-path clip-rule " +
    "font-family font-size font-weight font-style font-variant text-anchor dominant-baseline " +
    "preserveAspectRatio gradientUnits gradientTransform clipPathUnits stop-color stop-opacity " +
    "shape-rendering",
);

function byLowerCase(names: string): Map<string, string> {
  return new Map(names.split(" ").map((name) => [name.toLowerCase(), name]));
}
