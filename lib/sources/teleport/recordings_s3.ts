import { StorageError } from "../../model/errors.ts";
import { openS3, parseS3Uri, type S3, type S3Location, type S3Options, s3Uri } from "../s3.ts";
import { isSessionId } from "../session_id.ts";
import type { ListedRecording, RecordingPlace } from "./recording_place.ts";

/** Recordings fetched at a time: enough to hide S3's latency, few enough for its quotas. */
const PARALLEL = 8;

/** The place of recordings below `s3://bucket/prefix`, each at `<prefix>/<id>.tar`. */
export async function openS3Recordings(
  uri: string,
  options: S3Options = {},
): Promise<S3Recordings> {
  const root = parseS3Uri(uri);
  if (root === null) {
    throw new StorageError(`${JSON.stringify(uri)} is no S3 address`, "other", uri);
  }
  return new S3Recordings(await openS3(options), root);
}

export class S3Recordings implements RecordingPlace {
  readonly uri: string;
  readonly parallel = PARALLEL;
  /** The key of all, with its slash. */
  readonly #prefix: string;

  constructor(readonly s3: S3, readonly root: S3Location) {
    this.uri = s3Uri(root);
    const key = root.key.replace(/\/+$/, "");
    this.#prefix = key === "" ? "" : `${key}/`;
  }

  /** Costs no request: whether it is there shows when it is read. */
  find(id: string) {
    const at = this.locate(id);
    const size = async () => (await this.s3.head(at)).bytes;
    const file = { uri: s3Uri(at), path: null, open: () => this.s3.get(at), size };
    return Promise.resolve({ state: "found" as const, file });
  }

  labelsBeside(): null {
    return null;
  }

  async sizeOf(id: string): Promise<number | null> {
    try {
      return (await this.s3.head(this.locate(id))).bytes;
    } catch (cause) {
      if (cause instanceof StorageError && cause.fault === "missing") return null;
      throw cause;
    }
  }

  async *list(): AsyncGenerator<ListedRecording[]> {
    const below = { bucket: this.root.bucket, key: this.#prefix };
    for await (const page of this.s3.list(below)) {
      yield page.flatMap(({ key, bytes, writtenMs }) => {
        const id = /^([^/]+)\.tar$/.exec(key.slice(this.#prefix.length))?.[1];
        return id !== undefined && isSessionId(id) ? [{ id, bytes, writtenMs }] : [];
      });
    }
  }

  [Symbol.dispose](): void {
    this.s3[Symbol.dispose]();
  }

  /** Where a recording lies; an id that could lead elsewhere is refused with a TypeError. */
  locate(id: string): S3Location {
    if (!isSessionId(id)) throw new TypeError("An id that is no session id can't name a recording");
    return { bucket: this.root.bucket, key: `${this.#prefix}${id}.tar` };
  }
}
