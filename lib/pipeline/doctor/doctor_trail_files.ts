import { DAY_MS } from "../../model/time.ts";
import type { ArchiveFile } from "../../sources/archive_files.ts";
import { filesOfDays, type RegionFolder, regionFolders } from "../../sources/aws/trail_tree.ts";
import type { TrailScope } from "../../sources/aws/trail_tree.ts";
import { partitionDay } from "../../sources/aws/window_values.ts";
import { jsonItems } from "../../sources/json_items.ts";
import { parseS3Uri, type S3, type S3Location, s3Uri } from "../../sources/s3.ts";
import { checkedStorage } from "./doctor_storage.ts";
import { type CheckOutcome, failed, ok, warning } from "./check.ts";

/** Days back in which the newest file is looked for. */
const DAYS_BACK = 3;
/** CloudTrail delivers within 5 to 15 minutes. */
const LATE_MINUTES = 60;
/** Records after which a file is read enough: that it can be was the question. */
const MOST_ITEMS = 5000;

/** Which folders of a trail there are, whether their newest file can be read, and how late it is. */
export async function* checkTrailFiles(
  s3: S3,
  root: S3Location,
  { now, ...scope }: TrailScope & { now: Date },
): AsyncGenerator<CheckOutcome> {
  let folders: RegionFolder[] = [];
  yield await checkedStorage("bucket", async () => {
    folders = await regionFolders(s3, root, scope);
    if (folders.length > 0) return ok("bucket", foldersText(folders));
    const wanted = scope.accounts ?? scope.regions;
    return failed(
      "bucket",
      `no CloudTrail tree below ${s3Uri(root)}${wanted ? " for these accounts and regions" : ""}`,
      "check the address: it names the folder that holds AWSLogs, or one below it" +
        (wanted ? "; and `accounts` and `regions`" : ""),
    );
  });
  if (folders.length === 0) return;
  let newest: ArchiveFile | undefined;
  const listed = await checkedStorage("files", async () => {
    newest = await newestFile(s3, folders, now);
    return newest === undefined
      ? failed(
        "files",
        `none of the last ${DAYS_BACK} days`,
        "start logging on the trail (cloudtrail:StartLogging), or check that this is its bucket",
      )
      : ok("files", `newest: ${timeOf(newest).toISOString().slice(0, 16)}Z`);
  });
  yield listed;
  if (newest === undefined) return;
  let times: number[] = [];
  const object = await checkedStorage("object", async () => {
    const read = await eventTimes(s3, newest!);
    times = read.times;
    if (read.problem === null) {
      return ok("object", `readable: ${times.length} records in the newest`);
    }
    return failed("object", `the newest: ${read.problem}`, ADVICE[read.problem] ?? OTHER_LOG);
  });
  yield object;
  if (object.state === "ok") yield delivery(newest, { times, now });
}

const OTHER_LOG = "check that the address is that of a trail and not of another log";
const ADVICE: Readonly<Record<string, string>> = {
  "file can't be read": "it was removed meanwhile, it seems; run the check again",
};

/** How late files come, and how old the newest is. */
function delivery(
  newest: ArchiveFile,
  { times, now }: { times: readonly number[]; now: Date },
): CheckOutcome {
  const deliveredMs = timeOf(newest).getTime();
  const minutes = (ms: number) => Math.max(0, Math.round(ms / 60_000));
  const age = minutes(now.getTime() - deliveredMs);
  const lags = times.map((ms) => minutes(deliveredMs - ms));
  const lag = lags.length === 0
    ? ""
    : `; its calls were made ${Math.min(...lags)} to ${Math.max(...lags)} minutes before`;
  const found = `newest file: ${age} minutes ago${lag}`;
  if (age <= LATE_MINUTES) return ok("delivery", found);
  return warning(
    "delivery",
    found,
    "where more went on, see whether the trail is logging (cloudtrail:GetTrailStatus)",
  );
}

/** When the calls of a file were made, in milliseconds since 1970, or what is the matter with it. */
async function eventTimes(
  s3: S3,
  { path }: ArchiveFile,
): Promise<{ times: number[]; problem: string | null }> {
  const times: number[] = [];
  let problem: string | null = null;
  let items = 0;
  const onProblem = (found: string) => problem ??= found;
  for await (const found of jsonItems(s3.get(parseS3Uri(path)!), { onProblem })) {
    const texts = found.kind === "items" ? found.texts : [found.text];
    items += texts.length;
    times.push(...texts.map(eventMs).filter((ms) => !Number.isNaN(ms)));
    if (items >= MOST_ITEMS) break;
  }
  if (items > 0 && times.length === 0) problem ??= "no records of CloudTrail are in it";
  return { times, problem };
}

function eventMs(text: string): number {
  try {
    return Date.parse(JSON.parse(text)?.eventTime);
  } catch {
    return NaN;
  }
}

function foldersText(folders: readonly RegionFolder[]): string {
  const accounts = new Set(folders.map(({ account }) => account));
  const regions = new Set(folders.map(({ region }) => region));
  return `${folders.length} folders: ${accounts.size} accounts, ${regions.size} regions`;
}

/** Looked for a day at a time, from the last: each costs a request a folder. */
async function newestFile(
  s3: S3,
  folders: readonly RegionFolder[],
  now: Date,
): Promise<ArchiveFile | undefined> {
  for (let back = 0; back < DAYS_BACK; back++) {
    const days = [partitionDay(new Date(now.getTime() - back * DAY_MS))];
    const files = await filesOfDays(s3, folders, { days, keep: (path) => NAMED.test(path) });
    const [newest] = files.toSorted((a, b) => timeOf(b).getTime() - timeOf(a).getTime());
    if (newest !== undefined) return newest;
  }
  return undefined;
}

const NAMED = /_CloudTrail_[^/]*_(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})Z_[^/]*$/;

function timeOf({ path }: ArchiveFile): Date {
  const [, year, month, day, hour, minute] = NAMED.exec(path)!.map(Number);
  return new Date(Date.UTC(year!, month! - 1, day, hour, minute));
}
