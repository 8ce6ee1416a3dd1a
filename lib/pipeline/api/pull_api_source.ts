import { join } from "node:path";
import type { ApiSourceConfig } from "../../config/config.ts";
import { ConfigError, QueryError } from "../../model/errors.ts";
import type { ApiPlan } from "../../sources/api_source.ts";
import { readSessionLabels } from "../../sources/session_labels.ts";
import type { Store } from "../../store/store.ts";
import { API_ARCHIVE_LAYOUT } from "./api_archive_layout.ts";
import { labelApiSessions } from "./label_api_sessions.ts";
import { isInBucket, openApiSource } from "./open_api_source.ts";
import { type ApiPulled, type ApiPullOptions, planApi, pullApi } from "./pull_api.ts";

/** A table of labels that lies in the folder of an archive. */
const LABELS = "labels.tsv";

/**
 * Pulls the calls of a window out of a configured source, as {@link pullApi} does. An archive in
 * a folder is read whole each time, as Teleport's are: files may have come to it. Ground truth in a table
 * `labels.tsv` in its folder is taken over.
 */
export async function pullApiSource(
  store: Store,
  config: ApiSourceConfig,
  options: ApiPullOptions,
): Promise<ApiPulled> {
  await using source = openApiSource(config, { ...options, now: options.now() });
  if (config.archive === undefined || isInBucket(config.archive)) {
    return await pullApi(store, source, reread(config, options));
  }
  // a folder that was emptied would take what is stored with it, and read as days without calls
  if (await source.isEmpty?.()) return nothingIn("file", config);
  const pulled = await pullApi(store, source, reread(config, options));
  if (pulled.calls === 0 && asksForAll(options)) return nothingIn("entry", config);
  const problem = await takeLabels(store, join(config.archive, LABELS), options.now());
  return problem === null ? pulled : { ...pulled, problems: [...pulled.problems, problem] };
}

function asksForAll({ since, until, filter }: ApiPullOptions): boolean {
  return [since, until, filter?.session, filter?.principal].every((part) => part === undefined);
}

function nothingIn(what: "file" | "entry", { kind, archive }: ApiSourceConfig): ApiPulled {
  const problem = `No ${what} of a log was found in ${JSON.stringify(archive)}: ` +
    API_ARCHIVE_LAYOUT[kind];
  return { sessions: 0, days: 0, calls: 0, bytesScanned: null, problems: [problem] };
}

/** What a pull would read; stores nothing. Throws a `QueryError` where that can't be told. */
export async function planApiSource(
  store: Store,
  config: ApiSourceConfig,
  options: ApiPullOptions,
): Promise<ApiPlan> {
  await using source = openApiSource(config, { ...options, now: options.now() });
  const windows = await planApi(store, source, reread(config, options));
  if (source.plan === undefined) {
    throw new QueryError(`${source.name} can't tell what it would read`);
  }
  return await source.plan(windows);
}

/** Files that name no day are read once a piece: of an archive a piece is a season. */
const ARCHIVE_DAYS = 100;
/** A query of Athena reads the day behind its days, too: of seven together one more is read. */
const ATHENA_DAYS = 7;

function reread(config: ApiSourceConfig, options: ApiPullOptions): ApiPullOptions {
  const { archive } = config;
  if (archive === undefined) {
    return config.kind === "aws" ? { ...options, daysPerPiece: ATHENA_DAYS } : options;
  }
  return isInBucket(archive) ? options : { ...options, force: true, daysPerPiece: ARCHIVE_DAYS };
}

async function takeLabels(store: Store, path: string, now: Date): Promise<string | null> {
  const isThere = await Deno.stat(path).then(({ isFile }) => isFile, () => false);
  if (!isThere) return null;
  try {
    labelApiSessions(store, await readSessionLabels(path), { now });
    return null;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}
