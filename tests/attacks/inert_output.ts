import assert from "node:assert/strict";
import { DOMParser } from "linkedom";
import { jsonLines, shellscope } from "../cli/harness.ts";
import { assertInert } from "../notebook/inert.ts";

/** What a terminal would act on, or a reader could not see. */
const ACTING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}](?<![\n\r])/u;
/** How a spreadsheet tells a formula. */
export const FORMULA = /^\s*[=+\-@＝＋－＠]/;

/** Throws where a text would do something to a terminal. */
export function assertPrintable(text: string, what: string): void {
  const at = text.search(ACTING);
  assert.equal(at, -1, `${what}: ${JSON.stringify(text.slice(Math.max(0, at - 80), at + 20))}`);
}

/** The cells of RFC 4180. */
export function csvCells(text: string): string[] {
  return [...text.matchAll(/(?:^|,|\r\n)(?:"((?:[^"]|"")*)"|([^,\r\n]*))/g)]
    .map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}

const CALLS: readonly (readonly string[])[] = [
  ["sessions"],
  ["sessions", "--format", "jsonl"],
  ["findings", "--format", "jsonl"],
  ["label", "ls"],
  ["label", "history"],
  ["eval"],
];

/** Throws where what a store holds would act when verbs tell it, as text, JSON or CSV. */
export async function assertVerbsInert(config: string): Promise<void> {
  for (const call of CALLS) {
    const { out, err } = await shellscope(...call, "--config", config);
    assertPrintable(out + err, call.join(" "));
    if (call.includes("jsonl")) jsonLines(out);
  }
  const { out } = await shellscope("sessions", "--format", "csv", "--config", config);
  for (const cell of csvCells(out)) {
    if (!/^-?[\d.]+(e[+-]?\d+)?$/.test(cell)) assert.doesNotMatch(cell, FORMULA);
  }
}

/** What the renderer makes; an element of any other name came from outside. */
const ELEMENTS = new Set(
  ("main header footer nav section article details summary figure figcaption h1 h2 h3 h4 p pre code div " +
    "span a b em strong small sub ul ol li dl dt dd table caption thead tbody tr th td hr br svg g " +
    "path rect line circle text tspan title desc").split(" "),
);

/** Throws where a page holds what is not the renderer's own. */
export function assertPageInert(html: string): void {
  const [, main] = /<main>([^]*)<\/main>/.exec(html)!;
  assertInert(main!);
  const page = new DOMParser().parseFromString(html, "text/html");
  assert.equal(page.querySelectorAll("script, iframe, img, form").length, 0);
  for (const element of page.querySelector("main")!.querySelectorAll("*")) {
    assert.ok(ELEMENTS.has(element.localName.toLowerCase()), element.localName);
  }
}
