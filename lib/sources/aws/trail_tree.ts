import { createHash } from "node:crypto";
import type { ArchiveFile } from "../archive_files.ts";
import { type S3, type S3Location, s3Uri } from "../s3.ts";
import { inParallel } from "../in_parallel.ts";

/** Which parts of a tree are wanted; without a list all are. */
export interface TrailScope {
  /** Account ids. */
  accounts?: readonly string[] | undefined;
  /** Regions, as `eu-west-1`. */
  regions?: readonly string[] | undefined;
}

/** What tells a source of some accounts or regions from one of others: `" (111122223333 eu-west-1)"`. */
export function scopeText({ accounts = [], regions = [] }: TrailScope): string {
  const words = [...accounts.toSorted(), ...regions.toSorted()].join(" ");
  if (words.length <= 80) return words === "" ? "" : ` (${words})`;
  const hash = createHash("sha256").update(words).digest("hex").slice(0, 8);
  return ` (${accounts.length} accounts, ${regions.length} regions, ${hash})`;
}

/** A folder of a trail that holds the days of one account's region: `…/CloudTrail/eu-west-1/`. */
export interface RegionFolder extends S3Location {
  /** null where the address that was named lies below. */
  account: string | null;
  region: string | null;
}

/** Lists that are asked for at a time. */
const LISTS = 16;

/**
 * The folders of CloudTrail's tree (facts/aws.md) at or below a place: its root, the folder of an
 * organisation, account or region, or what holds `AWSLogs`. Digests, insights and other services'
 * logs lie beside them and are not followed. One list request a folder on the way.
 */
export async function regionFolders(
  s3: S3,
  root: S3Location,
  scope: TrailScope = {},
): Promise<RegionFolder[]> {
  const key = root.key.replace(/\/+$/, "");
  const begin = { bucket: root.bucket, key: key === "" ? "" : `${key}/` };
  const words = key.split("/");
  const known = {
    account: words.findLast((word) => ACCOUNT.test(word)) ?? null,
    region: words.at(-2) === "CloudTrail" ? words.at(-1)! : null,
  };
  const found: RegionFolder[] = [];
  let level: RegionFolder[] = [{ ...begin, ...known }];
  while (level.length > 0) {
    const below: RegionFolder[] = [];
    await inParallel(level, LISTS, async (folder) => {
      const children = await s3.folders(folder);
      if (children.some((child) => YEAR.test(nameOf(child)))) found.push(folder);
      for (const child of children) {
        const next = stepInto(folder, child);
        if (next !== null && isWanted(next, scope)) below.push(next);
      }
    });
    level = below;
  }
  return found.sort((a, b) => a.key < b.key ? -1 : 1);
}

/** The files of some days (`2026/03/10`) in these folders, in order of their names. */
export async function filesOfDays(
  s3: S3,
  folders: readonly RegionFolder[],
  { days, keep }: { days: readonly string[]; keep: (path: string) => boolean },
): Promise<ArchiveFile[]> {
  const prefixes = folders.flatMap(({ bucket, key }) =>
    days.map((day) => ({ bucket, key: `${key}${day}/` }))
  );
  const files: ArchiveFile[] = [];
  await inParallel(prefixes, LISTS, async (at) => {
    for await (const page of s3.list(at)) {
      for (const { key, bytes } of page) {
        const path = s3Uri({ bucket: at.bucket, key });
        if (keep(path)) files.push({ path, bytes });
      }
    }
  });
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

const ACCOUNT = /^\d{12}$/;
const ORGANISATION = /^o-[a-z0-9]{10,32}$/;
const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const YEAR = /^20\d\d$/;

function nameOf(prefix: string): string {
  return prefix.split("/").at(-2) ?? "";
}

/** A child on the way down to the regions; null: it leads elsewhere. */
function stepInto(folder: RegionFolder, child: string): RegionFolder | null {
  const name = nameOf(child);
  const { bucket, account, region } = folder;
  if (ACCOUNT.test(name)) return { bucket, key: child, account: name, region };
  if (REGION.test(name) && nameOf(folder.key) === "CloudTrail") {
    return { bucket, key: child, account, region: name };
  }
  const isOnTheWay = name === "AWSLogs" || name === "CloudTrail" || ORGANISATION.test(name);
  return isOnTheWay ? { bucket, key: child, account, region } : null;
}

function isWanted({ account, region }: RegionFolder, { accounts, regions }: TrailScope): boolean {
  return (account === null || accounts === undefined || accounts.includes(account)) &&
    (region === null || regions === undefined || regions.includes(region));
}
