import process from "node:process";
import {
  ConfigError,
  LabelError,
  NotebookError,
  QueryError,
  RecordingError,
  RuleError,
  SharingError,
  StorageError,
  StoreError,
  UsageError,
} from "../model/errors.ts";
import { nearestName } from "../model/nearest.ts";
import { printable } from "../model/printable.ts";
import { notAllowed } from "../model/source_fault.ts";
import { systemTerminal } from "./terminal.ts";
import {
  type ExitStatus,
  parseCall,
  ReaderGone,
  type Terminal,
  type Verb,
  verbHelp,
} from "./verb.ts";

/** The verbs, each loaded only when it is called. */
export const VERBS: Record<string, () => Promise<Verb>> = {
  init: async () => (await import("./verbs/init.ts")).init,
  run: async () => (await import("./verbs/run.ts")).run,
  pull: async () => (await import("./verbs/pull.ts")).pull,
  parse: async () => (await import("./verbs/parse.ts")).parse,
  sessions: async () => (await import("./verbs/sessions.ts")).sessions,
  export: async () => (await import("./verbs/export.ts")).exportVerb,
  label: async () => (await import("./verbs/label.ts")).label,
  classify: async () => (await import("./verbs/classify.ts")).classify,
  eval: async () => (await import("./verbs/eval.ts")).evaluate,
  correlate: async () => (await import("./verbs/correlate.ts")).correlateVerb,
  merge: async () => (await import("./verbs/merge.ts")).merge,
  purge: async () => (await import("./verbs/purge.ts")).purgeVerb,
  findings: async () => (await import("./verbs/findings.ts")).findings,
  render: async () => (await import("./verbs/render.ts")).render,
  doctor: async () => (await import("./verbs/doctor.ts")).doctor,
};

/** Runs one call of the command line and says how it ended; never throws. */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    if (error instanceof ReaderGone) return 0;
    terminal.err(`shellscope: ${described(error)}\n`);
    const isUsage = error instanceof UsageError || error instanceof ConfigError ||
      error instanceof LabelError || error instanceof RuleError;
    return isUsage ? 2 : 1;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    terminal.out(await overview());
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (load === undefined) {
    const nearest = nearestName(name, Object.keys(VERBS));
    const mend = nearest === null
      ? "see `deno task shellscope help`"
      : `did you mean "${nearest}"?`;
    throw new UsageError(`There is no verb ${JSON.stringify(name.slice(0, 80))}; ${mend}`);
  }
  const verb = await load();
  const call = parseCall(verb, rest);
  if (call.has("help")) {
    terminal.out(verbHelp(verb));
    return 0;
  }
  return await verb.run(call, terminal);
}

async function overview(): Promise<string> {
  const verbs = await Promise.all(Object.values(VERBS).map((load) => load()));
  const width = Math.max(...verbs.map((verb) => verb.name.length));
  const lines = verbs.map((verb) => `  ${verb.name.padEnd(width)}  ${verb.summary}`);
  return `Who drove this session: a person at a terminal, a script, or an LLM agent?

Usage: deno task shellscope <verb> [flags]

${lines.join("\n")}

\`deno task shellscope <verb> --help\` tells a verb's flags.
`;
}

const OWN_ERRORS = [
  ConfigError,
  LabelError,
  NotebookError,
  QueryError,
  RecordingError,
  RuleError,
  SharingError,
  StorageError,
  StoreError,
  UsageError,
];

/** The words for a fault, safe to show. Rules and notebooks tell theirs in several lines. */
function described(error: unknown): string {
  const hasLines = [RuleError, NotebookError, SharingError].some((kind) => error instanceof kind);
  const text = describe(error);
  return hasLines ? text.split("\n").map(printable).join("\n") : printable(text);
}

/**
 * The words for a fault. Our own errors and the system's say what they must; of any other only
 * kind and place are told, since its message may quote what was being read.
 */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return "unknown fault";
  if (OWN_ERRORS.some((own) => error instanceof own)) return error.message;
  if (error instanceof Deno.errors.NotCapable) return notAllowed(error);
  const isSystem = Object.values(Deno.errors).some((kind) => error instanceof kind) ||
    (error as { code?: string }).code === "ERR_SQLITE_ERROR" ||
    / \(os error \d+\)$/.test(error.message);
  if (isSystem) return `${error.name}: ${error.message}`;
  const place = error.stack?.split("\n").find((line) => line.includes("/lib/"))?.trim() ?? "";
  return `Unexpected ${error.name} ${place}`.trim();
}

if (import.meta.main) {
  // what libraries warn of is not for who called a verb, and may quote what they read
  process.removeAllListeners("warning");
  Deno.exitCode = await main(Deno.args, systemTerminal());
}
