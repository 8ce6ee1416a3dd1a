/**
 * One class for each thing a caller can act on. A message is one sentence without a period that
 * says what was being done, with which file or id, and how to mend it; it never quotes content of
 * a session.
 */

/** A recording can't be read at all: the caller named something that is no recording. */
export class RecordingError extends Error {
  override name = "RecordingError";
  constructor(message: string, readonly uri: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** A query of a source failed; `queryId` is the engine's own, where it has one. */
export class QueryError extends Error {
  override name = "QueryError";
  constructor(message: string, readonly queryId: string | null = null, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Why an object of a store can't be had. `busy` is what further tries may cure. */
export type StorageFault =
  | "missing"
  | "denied"
  | "key-denied"
  | "archived"
  | "credentials"
  | "region"
  | "no-bucket"
  | "changed"
  | "busy"
  | "other";

/** An object, or a list of objects, can't be read; the message says what mends it. */
export class StorageError extends Error {
  override name = "StorageError";
  constructor(
    message: string,
    readonly fault: StorageFault,
    readonly uri: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * One fault of a rule pack: the `problem` in a sentence without a period, and where it stands (`at`):
 * the `file`, with `line` and `column` from 1.
 */
export interface RuleFault {
  problem: string;
  at: { file: string; line: number; column: number };
}

/**
 * A rule pack has one fault or several: `problem` and `at` are the first's, `faults` holds them
 * all, and the message has one line for each.
 */
export class RuleError extends Error {
  override name = "RuleError";
  readonly faults: readonly RuleFault[];
  constructor(
    readonly problem: string,
    readonly at: RuleFault["at"],
    options?: ErrorOptions & { others?: readonly RuleFault[] },
  ) {
    const faults = [{ problem, at }, ...options?.others ?? []];
    super(
      faults.map((f) => `${f.at.file}:${f.at.line}:${f.at.column}: ${f.problem}`).join("\n"),
      options,
    );
    this.faults = faults;
  }
}

/** The configuration has a fault; `line` counts from 1, null where no line is to blame. */
export class ConfigError extends Error {
  override name = "ConfigError";
  constructor(
    readonly problem: string,
    readonly at: { file: string; line: number | null },
    options?: ErrorOptions,
  ) {
    super(`${at.file}${at.line === null ? "" : `:${at.line}`}: ${problem}`, options);
  }
}

/** The store can't be opened, is locked by another run, or is of a newer version. */
export class StoreError extends Error {
  override name = "StoreError";
}

/** A label or a selector does not follow Kubernetes' syntax. */
export class LabelError extends Error {
  override name = "LabelError";
}

/** A verb was called in a way it does not take: exit status 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * A notebook can't be read, checked or run to its end. `cell` is its place among all cells of the
 * file and `line` the line of that cell, both from 1; null where none is to blame.
 */
export class NotebookError extends Error {
  override name = "NotebookError";
  constructor(
    readonly problem: string,
    readonly at: { file: string; cell: number | null; line: number | null },
    options?: ErrorOptions,
  ) {
    const cell = at.cell === null ? "" : `, cell ${at.cell}`;
    const line = at.line === null ? "" : `, line ${at.line}`;
    super(`${at.file}${cell}${line}: ${problem}`, options);
  }
}

/**
 * Something on a page that must not be handed on. `line` counts from 1 within what `where` names;
 * null where it has no lines.
 */
export interface SharingFault {
  /** 0: no cell, but what the page tells of where it comes from. */
  cell: number;
  where: "output" | "text" | "code" | "provenance";
  /** What it looks like: a kind of secret, `name`, `word`, `terminal-text`, `payload`, … */
  kind: string;
  line: number | null;
}

/** A page did not pass the sharing check and was not written; it names every cell at fault. */
export class SharingError extends Error {
  override name = "SharingError";
  constructor(readonly file: string, readonly faults: readonly SharingFault[]) {
    const lines = faults.map(({ cell, where, kind, line }) =>
      `${file}${cell === 0 ? "" : `, cell ${cell}`}: the ${where} holds ${
        kind === "name" ? "a name" : kind
      }` +
      (line === null ? "" : ` (line ${line})`)
    );
    super(`The page is not for sharing and was not written\n${lines.join("\n")}`);
  }
}
