import { dirname, isAbsolute, join } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import type { Document, Node } from "yaml";
import type { z } from "zod";
import { ConfigError } from "../model/errors.ts";
import { nearestName } from "../model/nearest.ts";
import { readPlainText } from "../model/plain_file.ts";
import { type Config, configSchema } from "./config.ts";

/** What is looked for where no `--config` is given. */
export const DEFAULT_CONFIG_FILE = "shellscope.yaml";

/** A longer file is no configuration; reading it as YAML could take all memory. */
const MAX_BYTES = 256 * 1024;
const NOT_READ = {
  "too-long": `the file is longer than ${MAX_BYTES / 1024} KiB: it is no configuration`,
  "no-file": "this is no plain file; name one",
};

/**
 * Reads and checks a configuration file. Relative paths in it count from its folder.
 * Throws a {@link ConfigError} that names the line of the first fault and how to mend it.
 */
export async function loadConfig(file: string): Promise<Config> {
  let text: string;
  try {
    const read = await readPlainText(file, MAX_BYTES);
    if (read.state !== "read") throw new ConfigError(NOT_READ[read.state], { file, line: null });
    text = read.text;
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const missing = cause instanceof Deno.errors.NotFound;
    const problem = missing
      ? "no such file; `deno task shellscope init` writes a commented one"
      : "the file can't be read; check its permissions";
    throw new ConfigError(problem, { file, line: null }, { cause });
  }
  return resolvePaths(parseConfig(text, file), dirname(file));
}

/** Parses and checks the text of a configuration; `file` is for messages. Paths stay as written. */
export function parseConfig(text: string, file: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) {
    const { line } = lines.linePos(fault.pos[0]);
    // the parser's stack ran over
    const problem = fault.code === "RESOURCE_EXHAUSTION"
      ? "it is nested too deep; write it as the example of `deno task shellscope init` is"
      : fault.message;
    throw new ConfigError(`the YAML can't be read: ${problem}`, { file, line }, {
      cause: fault,
    });
  }
  const result = configSchema.safeParse(toPlain(document, file) ?? {}, { reportInput: true });
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const line = lineOf(document, lines, issue);
  throw new ConfigError(describe(issue), { file, line });
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch (cause) {
    throw new ConfigError("too many YAML aliases; write the values out", { file, line: null }, {
      cause,
    });
  }
}

function lineOf(document: Document, lines: LineCounter, issue: z.core.$ZodIssue): number | null {
  const path = [...issue.path] as (string | number)[];
  if (issue.code === "unrecognized_keys" && issue.keys[0] !== undefined) {
    const position = keyPosition(document.getIn(path, true), issue.keys[0]);
    if (position !== null) return lines.linePos(position).line;
  }
  // the nearest part that exists: a missing key is reported where its parent stands
  for (let depth = path.length; depth >= 0; depth--) {
    const node = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
    const start = (node as Node | null | undefined)?.range?.[0];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return null;
}

function keyPosition(map: unknown, key: string): number | null {
  const items = (map as { items?: { key: Node & { value?: unknown } }[] } | undefined)?.items ?? [];
  return items.find((item) => item.key.value === key)?.key.range?.[0] ?? null;
}

function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? "" : `"${formatPath(issue.path)}": `;
  if (issue.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const known = nearestName(key, knownKeys(issue.path));
    const mend = known === null ? "remove it" : `did you mean "${known}"?`;
    return `${where}unknown key ${JSON.stringify(key.slice(0, 80))}; ${mend}`;
  }
  if (issue.code === "invalid_type") {
    const wanted = EXPECTED[issue.expected] ?? issue.expected;
    return `${where}${issue.input === undefined ? "missing; write" : "write"} ${wanted}`;
  }
  if (issue.code === "invalid_union" && issue.discriminator !== undefined) {
    return `${where}unknown source kind; write one of ${sourceKinds().join(", ")}`;
  }
  return `${where}${issue.message.replace(/^Invalid input: /, "")}`;
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.map((part, i) =>
    typeof part === "number" ? `[${part}]` : i === 0 ? String(part) : `.${String(part)}`
  ).join("");
}

/** How a message names what zod expects. */
const EXPECTED: Record<string, string> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "a map of keys and values",
  string: "a text",
};

/** The keys that the schema knows at a path, for the hint at a typo. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let shapes: Record<string, unknown>[] = shapesOf(configSchema);
  for (const part of path) {
    if (typeof part === "number") continue;
    shapes = shapes.flatMap((shape) => shapesOf(shape[String(part)]));
  }
  return shapes.flatMap((shape) => Object.keys(shape));
}

/** The kinds of source that the schema knows. */
function sourceKinds(): string[] {
  const [{ sources } = {}] = shapesOf(configSchema);
  return shapesOf(sources).flatMap(({ kind }) =>
    (kind as { def: { values: string[] } }).def.values.map((value) => JSON.stringify(value))
  );
}

/** The object shapes inside a schema, through defaults, options, arrays and unions. */
function shapesOf(schema: unknown): Record<string, unknown>[] {
  const def = (schema as { def?: Record<string, unknown> } | undefined)?.def;
  if (def === undefined) return [];
  if (def.shape !== undefined) return [def.shape as Record<string, unknown>];
  const inner = [def.innerType, def.element, ...(def.options as unknown[] | undefined ?? [])];
  return inner.flatMap(shapesOf);
}

/** Every local path of a configuration, made relative to the folder the file lies in. */
function resolvePaths(config: Config, folder: string): Config {
  const resolve = (path: string) => isAbsolute(path) ? path : join(folder, path);
  const sources = config.sources.map((source) => {
    switch (source.kind) {
      case "teleport": {
        const { archive, log } = source.events;
        const recordings = source.recordings?.folder;
        return {
          ...source,
          events: {
            ...source.events,
            ...(archive !== undefined && { archive: resolve(archive) }),
            ...(log !== undefined && { log: resolve(log) }),
          },
          ...(recordings !== undefined && { recordings: { folder: resolve(recordings) } }),
        };
      }
      case "gcp":
      case "aws": {
        const { archive } = source;
        if (archive === undefined || /^(s3|gs):\/\//.test(archive)) return source;
        return { ...source, archive: resolve(archive) };
      }
      case "recordings":
        return { ...source, folder: resolve(source.folder) };
    }
  });
  const { rules } = config.phase1;
  const { table } = config.identity;
  return {
    ...config,
    identity: { ...config.identity, ...(table !== undefined && { table: resolve(table) }) },
    store: resolve(config.store),
    sources,
    phase1: { ...config.phase1, ...(rules !== undefined && { rules: resolve(rules) }) },
  };
}
