import { QueryError } from "../../model/errors.ts";
import type { ApiWindow } from "../api_source.ts";
import type { ArchiveFile } from "../archive_files.ts";
import type { ArchivePlace, ListedFiles } from "../archive_place.ts";
import { openS3, parseS3Uri, type S3, type S3Location, type S3Options } from "../s3.ts";
import { filesOfDays, type RegionFolder, regionFolders, type TrailScope } from "./trail_tree.ts";
import { daysRead } from "./window_values.ts";

/** Objects that are read at a time: most are small, and S3 takes its time to begin. */
const PARALLEL = 16;

/** CloudTrail's tree in a bucket: only the folders of the days that are wanted are listed. */
export class BucketPlace implements ArchivePlace {
  readonly isLocal = false;
  readonly parallel = PARALLEL;
  readonly root: S3Location;
  #opened: Promise<S3> | null = null;
  #folders: Promise<RegionFolder[]> | null = null;
  readonly #days = new Map<string, ArchiveFile[]>();

  /** Throws a `QueryError` for what is no address of S3. */
  constructor(
    private readonly uri: string,
    private readonly keep: (path: string) => boolean,
    private readonly options: S3Options & TrailScope,
  ) {
    const root = parseS3Uri(uri);
    if (root === null) {
      throw new QueryError(
        `Cannot read the archive ${JSON.stringify(uri)}: it is no address of S3; write ` +
          "`archive: s3://bucket/prefix` in the configuration",
      );
    }
    this.root = root;
  }

  s3(): Promise<S3> {
    return this.#opened ??= openS3(this.options);
  }

  /** Throws a `QueryError` where there are none. */
  async folders(): Promise<RegionFolder[]> {
    return await (this.#folders ??= (async () => {
      const found = await regionFolders(await this.s3(), this.root, this.options);
      if (found.length > 0) return found;
      const { accounts, regions } = this.options;
      const wanted = accounts !== undefined || regions !== undefined;
      throw new QueryError(
        `Cannot read the archive ${JSON.stringify(this.uri)}: there is no CloudTrail tree in it` +
          (wanted ? " for these `accounts` and `regions`" : "") +
          "; name the folder that holds AWSLogs, or one below it, as `archive`",
      );
    })());
  }

  async list(window: ApiWindow | null): Promise<ListedFiles> {
    if (window === null) throw new TypeError("A bucket is not listed whole");
    const days = daysRead(window);
    const [s3, folders] = [await this.s3(), await this.folders()];
    // of windows one after the other the day between is listed once
    for (const day of this.#days.keys()) if (!days.includes(day)) this.#days.delete(day);
    for (const day of days.filter((day) => !this.#days.has(day))) {
      this.#days.set(day, await filesOfDays(s3, folders, { days: [day], keep: this.keep }));
    }
    return { files: days.flatMap((day) => this.#days.get(day)!), skips: [] };
  }

  async *open({ path }: ArchiveFile): AsyncGenerator<Uint8Array> {
    const s3 = await this.s3();
    yield* s3.get(parseS3Uri(path)!);
  }

  [Symbol.dispose](): void {
    this.#opened?.then((s3) => s3[Symbol.dispose](), () => {});
  }
}
