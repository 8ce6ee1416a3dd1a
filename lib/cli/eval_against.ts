import { stat, writeFile } from "node:fs/promises";
import type { z } from "zod";
import {
  acceptedFor,
  BASELINE_SCHEMA,
  figuresOf,
  regressions,
  withAccepted,
} from "../evaluation/baseline.ts";
import { benignGate, EXCEPTIONS_SCHEMA } from "../evaluation/benign.ts";
import type { EvaluationReport } from "../evaluation/report.ts";
import { UsageError } from "../model/errors.ts";
import { readPlainText } from "../model/plain_file.ts";
import type { Call, Flag } from "./verb.ts";

/** Flags of `eval` that hold figures against what is written down. */
export const AGAINST_FLAGS: Record<string, Flag> = {
  against: {
    value: "DIR|FILE",
    help:
      "compare with another pack, or with accepted figures (rules/baseline.json): worse exits 1",
  },
  accept: { value: "NAME", help: "write these figures into the FILE of --against, under a name" },
  benign: {
    value: "FILE",
    help: "exit 1 where a person or script is called agent and is no exception in FILE",
  },
};

/** What `--against FILE` and `--benign FILE` find wrong, one sentence each. */
export async function heldAgainst(call: Call, report: EvaluationReport): Promise<string[]> {
  const baseline = call.text("against");
  const benign = call.text("benign");
  return [
    ...baseline === undefined ? [] : await againstBaseline(baseline, { call, report }),
    ...benign === undefined ? [] : await againstBenign(benign, report),
  ];
}

/** Whether a path is a folder; throws a {@link UsageError} where there is nothing. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new UsageError(`--against ${JSON.stringify(path)}: there is no such file or folder`, {
      cause,
    });
  }
}

async function againstBaseline(
  path: string,
  { call, report }: { call: Call; report: EvaluationReport },
): Promise<string[]> {
  const baseline = await readJson(path, BASELINE_SCHEMA);
  const name = call.text("accept");
  const figures = figuresOf(report, { name: name ?? "now", subjects: report.judged });
  if (name !== undefined) {
    const text = JSON.stringify(withAccepted(baseline, figures), null, 2);
    await writeFile(path, `${text}\n`);
    return [];
  }
  const accepted = acceptedFor(baseline, figures);
  if (accepted !== null) return regressions(accepted, figures);
  const known = baseline.corpora.map(({ name, n }) => `${name} (${n})`).join(", ") || "none";
  return [
    `${path} has no figures of these ${report.n} labelled subjects; it has: ${known}. ` +
    "--accept NAME writes them",
  ];
}

async function againstBenign(path: string, report: EvaluationReport): Promise<string[]> {
  const exceptions = await readJson(path, EXCEPTIONS_SCHEMA);
  const { called, stale } = benignGate(report.judged, exceptions);
  return [
    ...called.map((id) => `${id} is called agent and is driven by none`),
    ...stale.map((id) => `${id} is no longer called agent: take it off ${path}`),
  ];
}

const MAX_BYTES = 64 * 1024 * 1024;
const NOT_READ = {
  "no-file": "it is no plain file; name one",
  "too-long": "it is longer than 64 MiB",
};

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  let value: unknown;
  try {
    const read = await readPlainText(path, MAX_BYTES);
    if (read.state !== "read") throw new UsageError(NOT_READ[read.state]);
    value = JSON.parse(read.text);
  } catch (cause) {
    const why = cause instanceof UsageError ? `: ${cause.message}` : "";
    throw new UsageError(`Cannot read ${JSON.stringify(path)} as JSON${why}`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `${path}: ${issue?.message ?? "not as expected"} at "${issue?.path.join(".") ?? ""}"`,
  );
}
