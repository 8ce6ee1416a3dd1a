import { DOMParser } from "linkedom";
import { NotebookError } from "../model/errors.ts";
import { type Provenance, provenanceOf } from "./provenance.ts";
import { markupText } from "./sharing_check.ts";
import { visibleText } from "./visible_text.ts";

/** What a page says of itself; throws a NotebookError where it says nothing. */
export function pageProvenance(html: string, file: string): Provenance {
  const provenance = provenanceOf(new DOMParser().parseFromString(html, "text/html"));
  if (provenance !== null) return provenance;
  throw new NotebookError(
    "The page does not tell where it comes from: it is none of this version's, or was changed",
    { file, cell: null, line: null },
  );
}

/**
 * What differs between a page and the same one made anew, each as one line; nothing where only the
 * time of making does.
 */
export function pageDifferences(before: string, after: string): string[] {
  const [old, made] = [before, after].map((html) =>
    new DOMParser().parseFromString(html, "text/html")
  );
  const [was, is] = [old!, made!].map((page) => facts(provenanceOf(page)));
  const differences: string[] = [];
  for (const name of new Set([...Object.keys(was!), ...Object.keys(is!)])) {
    const [from, to] = [was![name] ?? "none", is![name] ?? "none"];
    if (from !== to) differences.push(`${name}: was ${quoted(from)}, is ${quoted(to)}`);
  }
  const [sections, others] = [sectionsOf(old!), sectionsOf(made!)];
  for (const id of new Set([...sections.keys(), ...others.keys()])) {
    const [from, to] = [sections.get(id), others.get(id)];
    if (from === to) continue;
    if (from === undefined || to === undefined) {
      differences.push(`${id}: ${from === undefined ? "is new" : "is gone"}`);
    } else differences.push(`${id}: ${firstDifference(markupText(from), markupText(to))}`);
  }
  return differences;
}

/** Everything of a provenance but the time, flat. */
function facts(provenance: Provenance | null): Record<string, string> {
  if (provenance === null) return {};
  const { made: _, data, parameters, notebook, ...rest } = provenance;
  return Object.fromEntries(
    Object.entries({ ...rest, ...data, notebook: notebook.hash, parameters })
      .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

function sectionsOf(page: ReturnType<DOMParser["parseFromString"]>): Map<string, string> {
  const sections = [...page.querySelectorAll(`section[id^="cell-"]`)];
  return new Map(sections.map((section) => [
    section.getAttribute("id") ?? "",
    (section as unknown as { innerHTML: string }).innerHTML,
  ]));
}

function firstDifference(from: string, to: string): string {
  const [was, is] = [from.split("\n"), to.split("\n")];
  const at = was.findIndex((line, i) => line !== is[i]);
  if (at < 0 && was.length === is.length) return "the same text, drawn otherwise";
  const place = at < 0 ? was.length : at;
  return `was ${quoted(was[place] ?? "nothing")}, is ${quoted(is[place] ?? "nothing")}`;
}

function quoted(text: string): string {
  return JSON.stringify(visibleText(text, { maxLength: 120 }));
}
