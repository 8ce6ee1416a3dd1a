import { join } from "node:path";
import { QueryError } from "../../model/errors.ts";
import { isoDay } from "../../model/time.ts";
import { archiveWindow, eventFiles } from "../../sources/teleport/event_files.ts";
import { logFiles } from "../../sources/teleport/log_files.ts";
import { findRecordings, whyNot } from "../recordings/find_recordings.ts";
import { type CheckOutcome, failed, foundAndMend, ok } from "./check.ts";
import { parseRecording } from "../recordings/parse_recording.ts";
import { recordingHeader } from "../recordings/recording_header.ts";

const READABLE = "check the path in the configuration, and that your user may read it";

/** The folder of events, and whether its newest file is Parquet. */
export async function* checkArchive(events: string): AsyncGenerator<CheckOutcome> {
  try {
    const window = await archiveWindow(events);
    if (window === null) {
      const advice = "name the folder that holds YYYY-MM-DD/*.parquet, `events` of the bucket";
      return yield failed("events", `no days in ${events}`, advice);
    }
    yield ok(
      "events",
      `${isoDay(window.since)} to ${isoDay(new Date(window.until.getTime() - 1))}`,
    );
    const newest = (await eventFiles(events, window, () => {})).at(-1);
    if (newest !== undefined) yield await checkParquet(newest);
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    yield failed("events", ...foundAndMend(cause.message));
  }
}

async function checkParquet(path: string): Promise<CheckOutcome> {
  try {
    using file = await Deno.open(path);
    const [first, last] = [new Uint8Array(4), new Uint8Array(4)];
    await file.read(first);
    await file.seek(-4, Deno.SeekMode.End);
    await file.read(last);
    const isParquet = [first, last].every((mark) => new TextDecoder().decode(mark) === "PAR1");
    if (isParquet) return ok("events file", path);
    return failed("events file", `${path} is no whole Parquet file`, "sync it again");
  } catch (cause) {
    return failed("events file", `${path}: ${whyNot(cause)}`, READABLE);
  }
}

/** A self-hosted server's log, and whether its newest file holds events. */
export async function* checkLog(log: string): AsyncGenerator<CheckOutcome> {
  try {
    const files = await logFiles(log, () => {});
    const newest = files.findLast(({ path }) => !path.endsWith(".gz"));
    if (files.length === 0) {
      const advice = "name the folder of `events.log`, mostly /var/lib/teleport/log";
      return yield failed("events", `no log of Teleport's in ${log}`, advice);
    }
    yield ok("events", `${files.length} log files in ${log}`);
    if (newest !== undefined) yield await checkLogFile(newest.path);
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    yield failed("events", `${log}: ${whyNot(cause.cause)}`, READABLE);
  }
}

/** Longer lines Teleport does not write. */
const MAX_LINE = 64 * 1024;

async function checkLogFile(path: string): Promise<CheckOutcome> {
  try {
    using file = await Deno.open(path);
    const head = new Uint8Array(MAX_LINE + 1);
    const read = await file.read(head) ?? 0;
    const [line = ""] = new TextDecoder().decode(head.subarray(0, read)).split("\n", 1);
    if (read === 0 || /^\s*\{.*"event"\s*:\s*"/.test(line)) return ok("events file", path);
    return failed(
      "events file",
      `${path} does not begin with an event`,
      "name the audit log, not the log of the service",
    );
  } catch (cause) {
    return failed("events file", `${path}: ${whyNot(cause)}`, READABLE);
  }
}

/** The folder of `<id>.tar`, and whether one of them is a recording. */
export async function* checkRecordingsFolder(folder: string): AsyncGenerator<CheckOutcome> {
  try {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile || !name.endsWith(".tar")) continue;
      yield ok("recordings", folder);
      return yield await checkHeader(join(folder, name));
    }
    const advice = "name the folder of <id>.tar, `sessions` of the bucket";
    yield failed("recordings", `no <id>.tar in ${folder}`, advice);
  } catch (cause) {
    yield failed("recordings", `${folder}: ${whyNot(cause)}`, READABLE);
  }
}

async function checkHeader(path: string): Promise<CheckOutcome> {
  try {
    using file = await Deno.open(path);
    const head = new Uint8Array(32);
    const read = await file.read(head) ?? 0;
    const format = recordingHeader(head.subarray(0, read));
    if (format !== null) return ok("recording", format);
    return failed("recording", `${path} is no recording of Teleport's`, "sync it again");
  } catch (cause) {
    return failed("recording", `${path}: ${whyNot(cause)}`, READABLE);
  }
}

/** A folder of recordings of any kind, and whether the first can be read. */
export async function* checkCasts(folder: string): AsyncGenerator<CheckOutcome> {
  let isRead = true;
  for await (const found of findRecordings([folder])) {
    if ("problem" in found) {
      isRead &&= found.path !== folder;
      yield failed("recordings", `${found.path}: ${found.problem}`, READABLE);
      continue;
    }
    yield ok("recordings", folder);
    const { recording } = await parseRecording(found.path);
    return yield recording.format === null
      ? failed("recording", `${found.path}: ${recording.error ?? recording.state}`, "remove it")
      : ok("recording", `${recording.format}, ${recording.state}`);
  }
  if (!isRead) return;
  yield failed("recordings", `no recording in ${folder}`, "name a folder of .tar or .cast files");
}
