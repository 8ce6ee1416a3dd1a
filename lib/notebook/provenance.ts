import kit from "../../deno.json" with { type: "json" };
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { z } from "zod";
import { inSteps } from "../model/hear_signal.ts";
import { contentHash } from "../store/content_hash.ts";
import { coverageInSteps, coverageNumbers } from "../store/coverage.ts";
import type { Store } from "../store/store.ts";
import { commitOf } from "./commit.ts";
import { type Html, html, table } from "./display.ts";
import { type Notebook, notebookText } from "./nbformat.ts";
import type { Parameters } from "./parameters.ts";
import { escapeHtml } from "./visible_text.ts";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const provenance = z.strictObject({
  /** When the page was made. */
  made: z.string(),
  version: z.string(),
  commit: z.string().nullable(),
  notebook: z.strictObject({ file: z.string(), hash: z.string() }),
  /** Of paths only the last part. */
  parameters: z.record(z.string(), scalar),
  /** null: the notebook reads no store. */
  data: z.strictObject({
    /** File name of the store, and the hash of what it says. */
    store: z.string(),
    hash: z.string(),
    coverage: z.record(z.string(), z.number()),
    windows: z.array(z.strictObject({
      source: z.string(),
      from: z.string().nullable(),
      until: z.string().nullable(),
      pulls: z.number(),
    })),
    /** Versions of the rules that judged, and how many verdicts each gave. */
    rules: z.record(z.string(), z.number()),
    /** Models and prompts that were asked, and how often. */
    models: z.record(z.string(), z.number()),
  }).nullable(),
  /** Whether names were replaced and the page was checked. */
  shared: z.boolean(),
});

/** Where a page comes from: what makes its figures what they are. */
export type Provenance = z.infer<typeof provenance>;

/**
 * Collects where a page comes from. `store` is null for a notebook that reads none. Throws the reason
 * of `signal`.
 */
export async function readProvenance(
  store: Store | null,
  page: {
    file: string;
    notebook: Notebook;
    parameters: Parameters;
    now: Date;
    shared: boolean;
    signal?: AbortSignal | undefined;
  },
): Promise<Provenance> {
  return {
    made: page.now.toISOString(),
    version: kit.version,
    commit: commitOf(new URL("../../", import.meta.url)),
    notebook: {
      file: basename(page.file),
      hash: createHash("sha256").update(notebookText(page.notebook)).digest("hex").slice(0, 16),
    },
    parameters: Object.fromEntries(
      Object.entries(page.parameters).map(([name, value]) => [name, lastPart(value)]),
    ),
    data: store === null ? null : await dataOf(store, page),
    shared: page.shared,
  };
}

async function dataOf(
  store: Store,
  { shared, signal }: { shared: boolean; signal?: AbortSignal | undefined },
): Promise<Provenance["data"]> {
  const coverage = await inSteps(coverageInSteps(store), signal);
  const { database } = store;
  const counts = (sql: string) =>
    Object.fromEntries(
      database.prepare(sql).all().map((row) => [
        String(row["name"]),
        Number(row["count"]),
      ]),
    );
  const windows = database.prepare(`
    SELECT source, min(from_at) AS since, max(until_at) AS until, count(*) AS pulls FROM pulls
    WHERE outcome <> 'failed' GROUP BY source ORDER BY source`).all();
  return {
    store: basename(store.path),
    hash: await contentHash(store, { signal }),
    coverage: Object.fromEntries(
      Object.entries(coverageNumbers(coverage))
        .map(([name, count]) => [name.replace("coverage.", ""), count]),
    ),
    windows: windows.map(({ source, since, until, pulls }) => ({
      // where a source lies names an organisation
      source: shared ? String(source).split(" ").slice(0, 2).join(" ") : String(source),
      from: since === null ? null : String(since),
      until: until === null ? null : String(until),
      pulls: Number(pulls),
    })),
    rules: counts(
      "SELECT version AS name, count(*) AS count FROM verdicts GROUP BY version ORDER BY version",
    ),
    models: counts(
      "SELECT model || '@' || prompt_hash AS name, count(*) AS count FROM llm_calls " +
        "GROUP BY 1 ORDER BY 1",
    ),
  };
}

/** The section at a page's end that tells where it comes from. */
export function provenanceSection(page: Provenance): string {
  return `<section id="provenance"><h2 id="where-from">Where this page comes from</h2>${
    provenanceHtml(page).markup
  }</section>\n`;
}

function provenanceHtml(page: Provenance): Html {
  const { data } = page;
  const rows: [what: string, said: string][] = [
    ["Made", page.made],
    ["By", `shellscope ${page.version}${page.commit === null ? "" : `, commit ${page.commit}`}`],
    ["Notebook", `${page.notebook.file}, hash ${page.notebook.hash}`],
    ["Parameters", listed(page.parameters) || "as in the notebook"],
  ];
  if (data === null) rows.push(["Data", "the notebook reads no store"]);
  else {
    rows.push(
      ["Data", `${data.store}, hash ${data.hash}`],
      ["Coverage", listed(data.coverage)],
      ["Verdicts by", listed(data.rules) || "nobody: not judged yet"],
      ["Language models", listed(data.models) || "none"],
    );
    for (const { source, from, until, pulls } of data.windows) {
      const window = `${from ?? "the beginning"} to ${until ?? "the end"}`;
      rows.push(["Window", `${source}: ${window}, ${pulls} pulls`]);
    }
  }
  const names = page.shared
    ? "replaced by pseudonyms; the page was checked"
    : "as the logs have them";
  rows.push(["Names", names]);
  return html`${
    table(rows.map(([what, said]) => ({ what, said })), {
      columns: { what: "What", said: "Is" },
      maxLength: 2000,
    })
  }<p class="shellscope-notice">${"`render --verify PAGE` runs the notebook again and says what differs."}</p>`;
}

function listed(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values).map(([name, value]) => `${name} ${value}`).join(", ");
}

const META = "shellscope-provenance";

/** The element of a page's head that keeps its provenance for machines. */
export function provenanceMeta(page: Provenance): string {
  return `<meta name="${META}" content="${escapeHtml(JSON.stringify(page))}">\n`;
}

/** The provenance that a page tells; null where it tells none, or none of this version. */
export function provenanceOf(
  page: { querySelector(selector: string): unknown },
): Provenance | null {
  const meta = page.querySelector(`meta[name="${META}"]`) as
    | { getAttribute(name: string): string | null }
    | null;
  try {
    return provenance.parse(JSON.parse(meta?.getAttribute("content") ?? "null"));
  } catch {
    return null;
  }
}

function lastPart(value: string | number | boolean | null): string | number | boolean | null {
  return typeof value === "string" && value.includes("/") ? basename(value) : value;
}
