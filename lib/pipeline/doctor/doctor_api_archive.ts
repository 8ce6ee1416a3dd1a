import { QueryError } from "../../model/errors.ts";
import { DAY_MS, isoDay } from "../../model/time.ts";
import type { ApiSource } from "../../sources/api_source.ts";
import { awsArchive } from "../../sources/aws/archive.ts";
import { gcpArchive } from "../../sources/gcp/archive.ts";
import { API_ARCHIVE_LAYOUT } from "../api/api_archive_layout.ts";
import { type CheckOutcome, failed, foundAndMend, ok, warning } from "./check.ts";

const OPEN = { gcp: gcpArchive, aws: awsArchive } as const;

/** The folder or file of a cloud's log: what is in it, and whether its newest day can be read. */
export async function* checkApiArchive(
  cloud: "gcp" | "aws",
  path: string,
  { now }: { now: Date },
): AsyncGenerator<CheckOutcome> {
  const advice = API_ARCHIVE_LAYOUT[cloud];
  await using source = OPEN[cloud](path, { now });
  try {
    const span = await source.span();
    if (span === null) return yield failed("archive", `no entries in ${path}`, advice);
    const { objects } = await source.plan!([span]);
    const [first, last] = [span.since, new Date(span.until.getTime() - 1)].map(isoDay);
    yield ok("archive", `${objects} files, ${first} to ${last}`);
    yield await checkNewest(source, span.until, advice);
  } catch (cause) {
    if (!(cause instanceof QueryError)) throw cause;
    yield failed("archive", ...foundAndMend(cause.message));
  }
}

const DAYS = 3;

/** Whether the calls of the last days can be read: a log of another kind has none. */
async function checkNewest(source: ApiSource, until: Date, advice: string): Promise<CheckOutcome> {
  const since = new Date(until.getTime() - DAYS * DAY_MS);
  let calls = 0;
  const reasons = new Map<string, number>();
  const onSkip = ({ reason, count }: { reason: string; count: number }) =>
    reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  for await (const minutes of source.minutes({ since, until }, { salt: "00", onSkip })) {
    for (const minute of minutes) calls += minute.calls.length + minute.callsOmitted;
  }
  const left = [...reasons].map(([reason, count]) => `${reason}: ${count}`).join(", ");
  const found = `last ${DAYS} days: ${calls} calls${left === "" ? "" : `; left out: ${left}`}`;
  if (calls === 0) return failed("entries", found, advice);
  if (left === "") return ok("entries", found);
  return warning("entries", found, "what is left out is counted by `pull`, too; the rest is read");
}
