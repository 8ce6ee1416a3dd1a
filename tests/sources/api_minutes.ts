import type { RawMinute } from "../../lib/model/call_minute.ts";
import type { ApiSource, ApiWindow } from "../../lib/sources/api_source.ts";

/** What a source gave of a window. */
interface ReadMinutes {
  minutes: RawMinute[];
  calls: number;
  /** Entries left out, by reason. */
  skips: Record<string, number>;
  /** Files and folders that were named, by reason. */
  uris: Record<string, string[]>;
}

/** Reads a window of a source, or all it has. */
export async function readMinutes(
  source: ApiSource,
  { window, principal, salt = "5a17" }: {
    window?: ApiWindow;
    principal?: string;
    salt?: string;
  } = {},
): Promise<ReadMinutes> {
  const read: ReadMinutes = { minutes: [], calls: 0, skips: {}, uris: {} };
  const whole = window ?? await source.span();
  if (whole === null) return read;
  const onSkip = ({ uri, reason, count }: { uri: string; reason: string; count: number }) => {
    read.skips[reason] = (read.skips[reason] ?? 0) + count;
    (read.uris[reason] ??= []).push(uri);
  };
  for await (const batch of source.minutes(whole, { salt, principal, onSkip })) {
    read.minutes.push(...batch);
    for (const { calls, callsOmitted } of batch) read.calls += calls.length + callsOmitted;
  }
  return read;
}

/** Reads all that a source has, a day after the other. */
export async function readDayByDay(
  source: ApiSource,
): Promise<Pick<ReadMinutes, "minutes" | "skips">> {
  const span = (await source.span())!;
  const minutes: RawMinute[] = [];
  const skips: Record<string, number> = {};
  for (let since = span.since; since < span.until;) {
    const until = new Date(Math.min(since.getTime() + 86_400_000, span.until.getTime()));
    const day = await readMinutes(source, { window: { since, until } });
    minutes.push(...day.minutes);
    for (const [reason, count] of Object.entries(day.skips)) {
      skips[reason] = (skips[reason] ?? 0) + count;
    }
    since = until;
  }
  return { minutes, skips };
}

/** Rows in an order of their own, to compare what came in another. */
export function inOrder(minutes: readonly RawMinute[]): string[] {
  return minutes.map((minute) => JSON.stringify(minute)).sort();
}

/** The folder of real logs beside the repository; null, told, where it is not there. */
export async function realLogs(cloud: "aws" | "gcp"): Promise<string | null> {
  const folder = new URL(`../../../shared/data/${cloud}`, import.meta.url).pathname;
  try {
    await Deno.stat(folder);
    return folder;
  } catch {
    console.warn(`skipped: ../shared/data/${cloud} is not there`);
    return null;
  }
}
