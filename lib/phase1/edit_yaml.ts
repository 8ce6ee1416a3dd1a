import { type Document, isMap, isNode, isScalar, isSeq, type Node, parseDocument } from "yaml";
import type { Path } from "./yaml_source.ts";

/** A number of a YAML file to be replaced. */
export interface NumberEdit {
  path: Path;
  value: number;
}

/**
 * A YAML text with other numbers and nothing else changed: comments, order, quotes and blanks stay
 * as they are. Throws a TypeError where there is no plain number at a path.
 */
export function editNumbers(text: string, edits: readonly NumberEdit[]): string {
  const document = parseDocument(text, { version: "1.2", schema: "core" });
  const places = edits.map(({ path, value }) => {
    const node = nodeAt(document, path);
    if (!isScalar(node) || typeof node.value !== "number" || !node.range) {
      throw new TypeError(`There is no number at "${path.join(".")}"`);
    }
    const [from, until] = node.range;
    return { from, until, value: plainNumber(value) };
  });
  return spliced(text, places);
}

/**
 * A YAML text with another value under a key of its top: a block of `name: text` lines. The key is
 * put at the end where the file has none.
 */
export function editBlock(
  text: string,
  key: string,
  entries: Readonly<Record<string, string | number>>,
): string {
  const lines = Object.entries(entries).map(([name, value]) =>
    `  ${name}: ${typeof value === "number" ? plainNumber(value) : plainText(value)}`
  );
  const block = [`${key}:`, ...lines].join("\n");
  const document = parseDocument(text, { version: "1.2", schema: "core" });
  const pair = isMap(document.contents)
    ? document.contents.items.find((item) => isScalar(item.key) && item.key.value === key)
    : undefined;
  const start = isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  const end = isNode(pair?.value) ? pair.value.range?.[1] : undefined;
  if (start === undefined || end === undefined) return `${text.trimEnd()}\n\n${block}\n`;
  const last = text.slice(start, end).trimEnd().length;
  return spliced(text, [{ from: start, until: start + last, value: block }]);
}

/** Whether a file has a plain number at a path. */
export function hasNumber(text: string, path: Path): boolean {
  const node = nodeAt(parseDocument(text, { version: "1.2", schema: "core" }), path);
  return isScalar(node) && typeof node.value === "number";
}

function nodeAt(document: Document.Parsed, path: Path): Node | null {
  let node: unknown = document.contents;
  for (const part of path) {
    if (isMap(node)) {
      node = node.items.find((item) =>
        isScalar(item.key) && String(item.key.value) === String(part)
      )
        ?.value;
    } else if (isSeq(node)) node = node.items[Number(part)];
    else return null;
  }
  return isNode(node) ? node : null;
}

function spliced(
  text: string,
  places: readonly { from: number; until: number; value: string }[],
): string {
  return places.toSorted((a, b) => b.from - a.from).reduce(
    (out, { from, until, value }) => out.slice(0, from) + value + out.slice(until),
    text,
  );
}

/** A word as it is, other texts in quotes. */
function plainText(text: string): string {
  return /^[a-z]+$/.test(text) ? text : JSON.stringify(text);
}

/** Without an exponent, which reads badly in a rule. */
function plainNumber(value: number): string {
  const text = String(value);
  return /e/i.test(text) ? value.toFixed(12).replace(/\.?0+$/, "") : text;
}
