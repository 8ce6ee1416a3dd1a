import { parseTime } from "../config/units.ts";
import { type Config, configSchema } from "../config/config.ts";
import { DEFAULT_CONFIG_FILE, loadConfig } from "../config/load.ts";
import { UsageError } from "../model/errors.ts";
import { OWN_RULES } from "../pipeline/own_files.ts";
import type { Call } from "./verb.ts";

/** A configuration, and whether a file said so or these are the defaults. */
interface Settings {
  config: Config;
  /** null: no file was given or found. */
  file: string | null;
}

/** The configuration of a call: `--config`, else `./shellscope.yaml`, else the defaults. */
export async function settingsOf(call: Call): Promise<Settings> {
  const given = call.text("config");
  const file = given ?? (await isFile(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : null);
  const config = file === null ? configSchema.parse({}) : await loadConfig(file);
  const db = call.text("db");
  return { config: db === undefined ? config : { ...config, store: db }, file };
}

/** The folder of rules of a call: `--rules`, else the configuration's, else the kit's own. */
export function rulesFolder(call: Call, config: Config): string {
  return call.text("rules") ?? config.phase1.rules ?? OWN_RULES;
}

/** The point in time a flag names, or undefined; throws a {@link UsageError} for other text. */
export function timeFlag(call: Call, flag: string, now: Date): Date | undefined {
  const text = call.text(flag);
  if (text === undefined) return undefined;
  const time = parseTime(text, now);
  if (time !== null) return time;
  throw new UsageError(
    `--${flag} ${JSON.stringify(text.slice(0, 40))} is no time; write an ISO date or time, or an ` +
      `age such as "30d" or "6h"`,
  );
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
