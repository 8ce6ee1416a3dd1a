import { styled } from "./output_style.ts";
import { sanitizeHtml } from "./sanitize_html.ts";
import { escapeHtml, unescapeHtml, visibleText } from "./visible_text.ts";

const DISPLAY = Symbol.for("Jupyter.display");

/**
 * HTML that is safe to show: made only by {@link html}, {@link show} and {@link table}. As the last
 * value of a cell, JupyterLab, VS Code and the rendered page show it.
 */
export class Html {
  /** `plain` is what a front end without HTML shows. */
  constructor(readonly markup: string, readonly plain: string) {}

  /** The markup itself. */
  toString(): string {
    return this.markup;
  }

  /** What Deno's kernel asks of the last value of a cell. */
  [DISPLAY](): Record<string, string> {
    return this.bundle();
  }

  /** What a front end gets, by media type. */
  bundle(): Record<string, string> {
    return { "text/html": styled(this.markup), "text/plain": this.plain };
  }
}

/** Attributes that a value may stand in, in quotes: none of them leads anywhere or acts. */
const PLAIN_ATTRIBUTES = new Set(
  "alt aria-label class colspan id lang role rowspan scope title".split(" "),
);

/**
 * Tagged template for HTML: values are escaped and made visible, {@link Html} goes in as it is,
 * lists are joined, null and undefined are nothing. Values can stand between tags and in quoted
 * attributes without effect (`title="${x}"`); anywhere else the tag throws a TypeError.
 *
 * ```ts
 * import { html } from "shellscope";
 *
 * const [principal, sessions] = ["ana@example.com", 3];
 * const line = html`<p>${principal} in ${sessions} sessions</p>`;
 * ```
 */
export function html(strings: TemplateStringsArray, ...values: readonly unknown[]): Html {
  let markup = strings[0] ?? "";
  values.forEach((value, i) => {
    const shown = placeAfter(markup) === "content"
      ? markupOf(value)
      : escapeHtml(visibleText(value instanceof Html ? value.plain : textOf(value ?? "")));
    markup += shown + (strings[i + 1] ?? "");
  });
  const plain = unescapeHtml(markup.replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ").trim();
  return new Html(markup, plain);
}

/** Shows a chart of this kit, or anything else with SVG or HTML as its `outerHTML`; sanitized. */
export function show(chart: string | { outerHTML: string }): Html {
  const markup = sanitizeHtml(typeof chart === "string" ? chart : chart.outerHTML, {
    idPrefix: "",
  });
  const title = /<title[^>]*>([^<]*)</.exec(markup)?.[1] ?? "chart";
  return new Html(`<figure class="shellscope-figure">${markup}</figure>`, `[${title}]`);
}

/**
 * What {@link table} needs of a Polars frame: the names of its `columns`, its number of rows
 * (`height`), its first rows as a frame (`head`), and these as objects (`toRecords`).
 */
interface FrameLike {
  readonly columns: string[];
  readonly height: number;
  head(rows: number): FrameLike;
  toRecords(): Record<string, unknown>[];
}

type Row = Readonly<Record<string, unknown>>;

/** Which columns a table shows, how, and how much of them. */
interface TableOptions {
  /** The columns to show, in order: names, or names with their headings. All, unless told. */
  columns?: readonly string[] | Readonly<Record<string, string>>;
  /** How a column's values are written; the result is escaped unless it is {@link Html}. */
  format?: Readonly<Record<string, (value: unknown, row: Row) => unknown>>;
  /** Stands above the table. */
  caption?: string;
  /** More rows than this are counted, not shown; 200 unless told. */
  maxRows?: number;
  /** Longer values are cut; 200 characters unless told. */
  maxLength?: number;
}

/** A table of rows or of a Polars frame. Whatever a session put into it is inert. */
export function table(data: Iterable<object> | FrameLike, options: TableOptions = {}): Html {
  const { maxRows = 200, maxLength = 200, format = {} } = options;
  const { rows, total } = firstRows(data, maxRows);
  const columns = columnsOf(data, rows, options.columns).map(({ name, heading }) => {
    const values = rows.map((row) => format[name] ? format[name](row[name], row) : row[name]);
    return { heading, values, isNumeric: isNumeric(values, rows.map((row) => row[name])) };
  });
  const cells = (i: number) =>
    columns.map(({ values, isNumeric }) => cellMarkup(values[i], { maxLength, isNumeric }))
      .join("");
  const heads = columns.map(({ heading, isNumeric }) =>
    `<th scope="col"${isNumeric ? NUMBER_CLASS : ""}>${safe(heading, 100)}</th>`
  );
  const more = total > rows.length
    ? `<p class="shellscope-notice">${total - rows.length} more rows not shown</p>`
    : "";
  const caption = options.caption === undefined
    ? ""
    : `<caption>${safe(options.caption, 500)}</caption>`;
  const label = escapeHtml(visibleText(options.caption ?? "Table", { maxLength: 100 }));
  return new Html(
    `<div class="shellscope-scroll" role="region" tabindex="0" aria-label="${label}">` +
      `<table class="shellscope-table">${caption}<thead><tr>${heads.join("")}</tr></thead><tbody>` +
      rows.map((_, i) => `<tr>${cells(i)}</tr>`).join("") + `</tbody></table></div>${more}`,
    `[table of ${total} rows and ${columns.length} columns]`,
  );
}

function firstRows(
  data: Iterable<object> | FrameLike,
  maxRows: number,
): { rows: Row[]; total: number } {
  if (isFrame(data)) return { rows: data.head(maxRows).toRecords(), total: data.height };
  const rows: Row[] = [];
  let total = 0;
  for (const row of data) {
    if (total++ < maxRows) rows.push(row as Row);
  }
  return { rows, total };
}

function columnsOf(
  data: Iterable<object> | FrameLike,
  rows: readonly Row[],
  wanted: TableOptions["columns"],
): { name: string; heading: string }[] {
  if (wanted !== undefined && !Array.isArray(wanted)) {
    return Object.entries(wanted).map(([name, heading]) => ({ name, heading }));
  }
  const names: readonly string[] = Array.isArray(wanted)
    ? wanted
    : isFrame(data)
    ? data.columns
    : [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return names.map((name) => ({ name, heading: name }));
}

function isFrame(data: Iterable<object> | FrameLike): data is FrameLike {
  // Not `in`: a Polars frame is a proxy that has only its columns.
  return typeof (data as Partial<FrameLike>).toRecords === "function";
}

function cellMarkup(
  value: unknown,
  { maxLength, isNumeric }: { maxLength: number; isNumeric: boolean },
): string {
  if (value instanceof Html) return `<td>${value.markup}</td>`;
  if (value === null || value === undefined) {
    return `<td class="${isNumeric ? "shellscope-number " : ""}shellscope-none">–</td>`;
  }
  const text = textOf(value);
  return `<td${isNumeric ? NUMBER_CLASS : widthClass(text.length)}>${safe(text, maxLength)}</td>`;
}

/** Whether a column stands on the right: what is shown are numbers, or short words for numbers. */
function isNumeric(shown: readonly unknown[], raw: readonly unknown[]): boolean {
  const isThere = (value: unknown) => value !== null && value !== undefined;
  const fits = (value: unknown, i: number) =>
    isNumber(value) || isNumber(raw[i]) && typeof value === "string" && value.length < 18;
  return shown.some(isThere) && shown.every((value, i) => !isThere(value) || fits(value, i));
}

/** Short values stay on one line; words and ids may wrap; sentences get room. */
function widthClass(length: number): string {
  if (length > 60) return ` class="shellscope-long"`;
  return length > 17 ? ` class="shellscope-wraps"` : "";
}

const NUMBER_CLASS = ` class="shellscope-number"`;

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint";
}

function textOf(value: unknown): string {
  if (typeof value === "number") {
    const fine = Number.isInteger(value) || Math.abs(value) >= 100;
    if (fine) return String(Math.round(value));
    const rounded = Number(value.toPrecision(3));
    // a share of less than all is not written as all
    return Math.abs(value) < 1 && Math.abs(rounded) === 1
      ? String(Math.sign(value) * 0.999)
      : String(rounded);
  }
  if (value instanceof Date) return isNaN(value.getTime()) ? "–" : value.toISOString();
  if (typeof value === "object") {
    return JSON.stringify(value, (_, inner) => typeof inner === "bigint" ? String(inner) : inner);
  }
  return String(value);
}

function markupOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Html) return value.markup;
  if (Array.isArray(value)) return value.map(markupOf).join("");
  return safe(textOf(value), 100_000);
}

function safe(text: string, maxLength: number): string {
  return escapeHtml(visibleText(text, { maxLength }));
}

/**
 * Whether a value behind this markup stands between tags or in a quoted plain attribute; throws
 * where it would stand anywhere else inside a tag.
 */
function placeAfter(before: string): "content" | "attribute" {
  const open = before.lastIndexOf("<");
  if (open <= before.lastIndexOf(">")) return "content";
  const tag = before.slice(open);
  if (!/^<([A-Za-z/!]|$)/.test(tag)) return "content";
  const attribute = /\s([\w-]+)=(?:"[^"]*|'[^']*)$/.exec(tag)?.[1]?.toLowerCase();
  if (attribute !== undefined && PLAIN_ATTRIBUTES.has(attribute)) return "attribute";
  throw new TypeError(
    "Cannot put a value there: it goes between tags, or in quotes into one of the attributes " +
      [...PLAIN_ATTRIBUTES].join(", "),
  );
}
