import { parseArgs } from "node:util";
import { UsageError } from "../model/errors.ts";
import { nearestName } from "../model/nearest.ts";

/** 0 done, 1 failed, 2 bad usage or configuration, 3 done with some inputs failed. */
export type ExitStatus = 0 | 1 | 2 | 3;

/** Where a verb's words go: data to `out`, talk to `err`. A test hands it one of its own. */
export interface Terminal {
  out(text: string): void;
  outBytes(bytes: Uint8Array): void;
  err(text: string): void;
  /** False once nobody reads `out` any more; what is written then is dropped. */
  readonly outIsOpen: boolean;
  /** Whether stderr is a terminal: progress is shown only there. */
  readonly showsProgress: boolean;
  now(): Date;
  /** The user who runs the verb, where the system says so. */
  readonly user: string | null;
}

/** Ends a verb that only prints once nobody reads it any more: quietly, with exit status 0. */
export class ReaderGone extends Error {
  override name = "ReaderGone";
}

/** One flag of a verb. */
export interface Flag {
  /** What the value is called in the help; a flag without one is a switch. */
  value?: string;
  multiple?: boolean;
  help: string;
}

/** The flags and positionals of one call. */
export interface Call {
  readonly positionals: readonly string[];
  /** The value of a flag, or undefined. */
  text(flag: string): string | undefined;
  texts(flag: string): readonly string[];
  has(flag: string): boolean;
}

/** One verb of the command line. */
export interface Verb {
  name: string;
  /** One line for the list of verbs. */
  summary: string;
  /** What stands behind the verb's name in its usage line. */
  positionals: string;
  flags: Record<string, Flag>;
  run(call: Call, terminal: Terminal): Promise<ExitStatus>;
}

/** Flags that every verb takes. */
const COMMON_FLAGS: Record<string, Flag> = {
  config: { value: "F", help: "configuration file (default: ./shellscope.yaml where it exists)" },
  db: { value: "F", help: "store to use (default: the configuration's, else ./sessions.sqlite)" },
  help: { help: "show this help" },
};

/** The flag of verbs that print rows. */
export const FORMAT_FLAG: Flag = {
  value: "table|jsonl|csv",
  help: "how to print (default: table)",
};

/** Parses a verb's arguments; throws a {@link UsageError} that names the nearest flag. */
export function parseCall(verb: Verb, args: readonly string[]): Call {
  const flags = { ...COMMON_FLAGS, ...verb.flags };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [name, {
      type: flag.value === undefined ? "boolean" as const : "string" as const,
      multiple: flag.multiple ?? false,
    }]),
  );
  for (const arg of args) {
    if (arg === "--") break;
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name === undefined || name in flags) continue;
    const nearest = nearestName(name, Object.keys(flags));
    const mend = nearest === null
      ? `see \`deno task shellscope ${verb.name} --help\``
      : `did you mean --${nearest}?`;
    throw new UsageError(`${verb.name} has no flag --${name.slice(0, 80)}; ${mend}`);
  }
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    });
    if (verb.positionals === "" && positionals.length > 0) {
      throw new UsageError(
        `${verb.name} takes flags only, not ${JSON.stringify(positionals[0]!.slice(0, 80))}; see ` +
          `\`deno task shellscope ${verb.name} --help\``,
      );
    }
    return new ParsedCall(positionals, values);
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    // one sentence of parseArgs is enough; it appends a hint of several lines
    const problem = String((cause as Error).message).split(/\. |\n/)[0];
    throw new UsageError(`${verb.name}: ${problem}`, { cause });
  }
}

type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

class ParsedCall implements Call {
  constructor(readonly positionals: readonly string[], private readonly values: Values) {}

  text(flag: string): string | undefined {
    const value = this.values[flag];
    return typeof value === "string" ? value : undefined;
  }

  texts(flag: string): readonly string[] {
    const value = this.values[flag];
    return Array.isArray(value) ? value.map(String) : typeof value === "string" ? [value] : [];
  }

  has(flag: string): boolean {
    return this.values[flag] !== undefined;
  }
}

/** The help of one verb. */
export function verbHelp(verb: Verb): string {
  const rows = Object.entries({ ...verb.flags, ...COMMON_FLAGS }).map(([name, flag]) => [
    `--${name}${flag.value === undefined ? "" : ` ${flag.value}`}`,
    flag.help,
  ]);
  const width = Math.max(...rows.map(([left]) => left!.length));
  const lines = rows.map(([left, right]) => `  ${left!.padEnd(width)}  ${right}`);
  const usage = ["deno task shellscope", verb.name, verb.positionals, "[flags]"].filter(Boolean);
  return `${verb.summary}\n\nUsage: ${usage.join(" ")}\n\n${lines.join("\n")}\n`;
}
