import { RecordingError, UsageError } from "../../model/errors.ts";
import { type CastVersion, exportCast } from "../../recording/export_cast.ts";
import type { Export } from "../../recording/export_events.ts";
import { exportJsonl } from "../../recording/export_jsonl.ts";
import { exportText } from "../../recording/export_text.ts";
import type { RecordingSource } from "../../recording/read.ts";
import { recordingsOf, resolveSessionId } from "../../store/sessions.ts";
import { openStore } from "../../store/store.ts";
import { parseFormat } from "../format.ts";
import { openOutput } from "../output.ts";
import { settingsOf } from "../settings.ts";
import type { Call, ExitStatus, Terminal, Verb } from "../verb.ts";

const FORMATS = ["jsonl", "cast", "text"] as const;

/**
 * Writes what a recording holds, content of the session included: to stdout or one file, nowhere
 * else. Whoever calls it asks for that by name.
 */
export const exportVerb: Verb = {
  name: "export",
  summary: "write a recording's content: Teleport's JSON lines, asciicast, terminal text",
  positionals: "ID|PATH",
  flags: {
    format: {
      value: FORMATS.join("|"),
      help: "all events; the terminal as asciicast; its text (~ overwritten, - erased later)",
    },
    "cast-version": { value: "2|3", help: "version of asciicast (default: 3)" },
    out: { value: "F", help: "write to this file, readable by you alone (default: stdout)" },
  },
  async run(call, terminal) {
    const [named, ...more] = call.positionals;
    if (named === undefined || more.length > 0) {
      throw new UsageError("export needs one ID of a session, or the PATH of a recording");
    }
    if (call.text("format") === undefined) {
      throw new UsageError(`export needs --format ${FORMATS.join("|")}`);
    }
    const format = parseFormat(call.text("format"), FORMATS);
    const version = castVersion(call, format);
    const path = await recordingPath(call, named);
    const source = { uri: path, bytes: (await Deno.open(path)).readable };
    return await write(exporter(source, format, version), { path, call, terminal });
  },
};

function castVersion(call: Call, format: string): CastVersion {
  const text = call.text("cast-version");
  if (text !== undefined && format !== "cast") {
    throw new UsageError("--cast-version goes with --format cast");
  }
  if (text === undefined || text === "3") return 3;
  if (text === "2") return 2;
  throw new UsageError("--cast-version takes 2 or 3");
}

function exporter(
  source: RecordingSource,
  format: (typeof FORMATS)[number],
  version: CastVersion,
): Export {
  switch (format) {
    case "jsonl":
      return exportJsonl(source);
    case "cast":
      return exportCast(source, { version });
    case "text":
      return exportText(source);
  }
}

/** A file of that name, else the recording of a session of that id. */
async function recordingPath(call: Call, named: string): Promise<string> {
  if (await isFile(named)) return named;
  const { config } = await settingsOf(call);
  const quoted = JSON.stringify(named.slice(0, 80));
  if (!await isFile(config.store)) {
    throw new UsageError(`There is no file ${quoted}, and no store to look for a session in`);
  }
  using store = openStore(config.store, { readOnly: true });
  const id = resolveSessionId(store, named);
  if (id === null) throw new UsageError(`${quoted} is neither a file nor a session of this store`);
  const paths = recordingsOf(store, id).map(({ uri }) => uri);
  const [path, ...others] = paths;
  if (path === undefined) throw new UsageError(`The session ${id} has no recording`);
  if (others.length > 0) {
    throw new UsageError(
      `The session ${id} has ${paths.length} recordings; name one: ${
        paths.slice(0, 20).join(", ")
      }`,
    );
  }
  if (!await isFile(path)) throw new RecordingError(`There is no file ${path} any more`, path);
  return path;
}

async function write(
  pieces: Export,
  { path, call, terminal }: { path: string; call: Call; terminal: Terminal },
): Promise<ExitStatus> {
  const out = call.text("out");
  if (out === undefined) { for await (const piece of pieces) terminal.out(piece); }
  else {
    using output = await openOutput(out);
    for await (const piece of pieces) output.write(piece);
    output.finish();
  }
  const { state, error, skipped } = pieces.outcome;
  const left = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  for (const remark of pieces.remarks) terminal.err(`${path}: ${remark}\n`);
  if (left > 0) terminal.err(`${path}: ${left} repeated or unreadable records are left out\n`);
  if (state === "parsed") return 0;
  terminal.err(`${path}: ${state}${error === null ? "" : `: ${error}`}\n`);
  return Object.keys(pieces.outcome.events).length > 0 ? 3 : 1;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return false;
  }
}
