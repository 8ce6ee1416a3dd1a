import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Pseudonyms } from "../redact/pseudonyms.ts";
import { WordList } from "../redact/word_list.ts";
import { storedNames } from "../store/names.ts";
import { openStore, type Store } from "../store/store.ts";
import type { Kernel } from "./kernel.ts";
import { notebookText, readNotebook } from "./nbformat.ts";
import { notebookParameters, type Parameters, parseParameters } from "./parameters.ts";
import { provenanceSection, readProvenance } from "./provenance.ts";
import { NAMES_NOTE, NOT_FOR_SHARING, PSEUDONYMS_NOTE, renderPage } from "./render_notebook.ts";
import { type ExecutedNotebook, runNotebook } from "./run_notebook.ts";
import { checkSharing } from "./sharing_check.ts";

const KIT = fileURLToPath(new URL("../../", import.meta.url));

/** How pages for sharing are made. */
interface SharingOptions {
  /** Whether names are replaced; they are left as they are where false. */
  pseudonyms: boolean;
  /** Words that must not be on a page. */
  words: readonly string[];
  /** A name that no row holds: the organisation's own domain. */
  domain?: string | undefined;
}

export interface PageOptions {
  /** Store and configuration, for notebooks that take `storePath` and `configPath`. */
  store: string;
  config?: string | null;
  /** Values for the notebook's parameters, as they were typed. */
  set?: Readonly<Record<string, string>>;
  now: Date;
  /** null: the page is not for sharing, and says so. */
  share?: SharingOptions | null;
  /** How long one cell may take. */
  timeoutMs?: number;
  /** A kernel that was begun in the notebook's folder. */
  kernel?: Kernel | undefined;
  signal?: AbortSignal;
}

/** A page, and the notebook with its outputs that it was made of. */
export interface MadePage {
  html: string;
  notebook: ExecutedNotebook;
}

/**
 * Runs a notebook and makes its page. Throws a NotebookError where a cell fails, and a SharingError
 * where the page holds what must not be handed on.
 */
export async function makePage(path: string, options: PageOptions): Promise<MadePage> {
  const { share = null, now, timeoutMs, kernel, signal } = options;
  const source = await readNotebook(path);
  const parameters = parametersOf(path, { source, ...options });
  const notebook = await runNotebook(path, {
    parameters,
    ...{ cwd: folderOf(path), kernel },
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(signal && { signal }),
  });
  const storePath = parameters["storePath"];
  // pseudonyms need the store's key, which is made at its first use
  using store = typeof storePath === "string" && storePath !== ""
    ? openStore(storePath, { readOnly: share === null })
    : null;
  const names = share?.pseudonyms ? pseudonymsOf(store, share) : null;
  const rewrite = (text: string) => names?.rewrite(text) ?? text;
  const provenance = await readProvenance(store, {
    file: path,
    notebook: source,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [
        name,
        typeof value === "string" ? rewrite(value) : value,
      ]),
    ),
    ...{ now, signal },
    shared: share !== null,
  });
  const page = renderPage(notebook, {
    generatedAt: now,
    provenance,
    banner: share === null ? NOT_FOR_SHARING : names === null ? NAMES_NOTE : PSEUDONYMS_NOTE,
    ...(names && { rewrite }),
  });
  if (share !== null) {
    checkSharing(page.cells, {
      file: path,
      provenance: provenanceSection(provenance),
      pseudonyms: names,
      words: wordList(share.words),
      isKnownId: (token) => store !== null && isStoredId(store, token),
    });
  }
  return { html: page.html, notebook };
}

/**
 * Where a notebook runs: in its own folder, as in Jupyter; one that lies outside of this kit runs in
 * the kit's, since only from there the kernel finds `shellscope`.
 */
function folderOf(path: string): string {
  const folder = dirname(resolve(path));
  return folder.startsWith(KIT) ? folder : join(KIT, "notebooks");
}

/** A path as it is written in the kit's folder, where workspaces are opened. */
function fromKit(path: string): string {
  const within = relative(KIT, resolve(path));
  return within.startsWith("..") ? resolve(path) : within;
}

/** Writes a page or a notebook: it appears whole or not at all. Its folder is made. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const draft = `${path}.part`;
  await Deno.writeTextFile(draft, text);
  await Deno.rename(draft, path);
}

/** The text of the executed notebook, as Jupyter opens it. */
export function executedText(page: MadePage): string {
  return notebookText(page.notebook);
}

function parametersOf(
  file: string,
  { source, store, config = null, set = {} }: PageOptions & { source: ExecutedNotebook },
): Parameters {
  const declared = notebookParameters(source);
  return {
    ...(declared.has("storePath") && { storePath: resolve(store) }),
    ...(declared.has("configPath") && config !== null && { configPath: fromKit(config) }),
    ...parseParameters(set, { declared, file }),
  };
}

function pseudonymsOf(store: Store | null, { domain }: SharingOptions): Pseudonyms {
  const own = domain === undefined ? [] : [{ kind: "scope" as const, name: domain }];
  const key = store?.key ?? crypto.getRandomValues(new Uint8Array(32));
  return new Pseudonyms(key, [...store === null ? [] : storedNames(store), ...own]);
}

function wordList(words: readonly string[]): WordList<string> {
  const list = new WordList<string>();
  for (const word of words) list.add(word, word);
  return list;
}

function isStoredId(store: Store, token: string): boolean {
  return store.statement(
    "SELECT 1 AS found FROM subjects WHERE subject_id = ? UNION " +
      "SELECT 1 FROM recordings WHERE recording_id = ? UNION " +
      "SELECT 1 FROM correlations WHERE correlation_id = ?",
  ).get(token, token, token) !== undefined;
}
