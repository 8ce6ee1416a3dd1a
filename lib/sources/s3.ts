/**
 * The one client of S3, for all sources: lists, heads and streams that survive broken connections.
 *
 * Bodies are handed on as they arrive; nothing is held whole and no file is written. A connection
 * that breaks or stalls is taken up again where it stopped, by a ranged request for the same
 * version of the object. The AWS SDK is loaded at the first use.
 *
 * @module
 */
import type {
  GetObjectCommandOutput,
  ListObjectsV2CommandOutput,
  S3Client,
} from "@aws-sdk/client-s3";
import { StorageError } from "../model/errors.ts";
import { awsClientSettings, type AwsOptions, credentialsLink } from "./aws_client.ts";
import { PATIENT, retryDelayMs, type RetryPolicy, withRetries } from "./retry.ts";
import { ALL_OF_S3, explainS3Error, isTransientS3 } from "./s3_errors.ts";

export interface S3Options extends AwsOptions {
  /** The bucket's name in the path, as gateways and loopback servers want it. */
  pathStyle?: boolean;
  /** Whoever asks pays, where the bucket wants that. */
  requesterPays?: boolean;
  /**
   * In a versioned bucket, reads the version that was written first: recordings are written once,
   * so that what came later is somebody's change.
   */
  oldestVersion?: boolean;
  retry?: RetryPolicy;
  /** A body that brings nothing for so long is taken for broken: 30,000 ms. */
  stallMs?: number;
  /** Ends every request and every wait. */
  signal?: AbortSignal | undefined;
}

/** An object, or with a prefix as `key` a list of them. */
export interface S3Location {
  bucket: string;
  key: string;
}

interface S3Entry {
  key: string;
  bytes: number;
  /** When it was last written, in milliseconds since 1970; null where S3 does not say. */
  writtenMs: number | null;
}

export interface S3Head {
  bytes: number;
  /** `AES256`, `aws:kms`, …; null: not said. */
  encryption: string | null;
  kmsKey: string | null;
}

type Sdk = typeof import("@aws-sdk/client-s3");

const CHUNK_BYTES = 64 * 1024;

/** `s3://bucket/key` taken apart; null for other text. */
export function parseS3Uri(uri: string): S3Location | null {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([^]*))?$/.exec(uri);
  return match === null ? null : { bucket: match[1]!, key: match[2] ?? "" };
}

export function s3Uri({ bucket, key }: S3Location): string {
  return key === "" ? `s3://${bucket}` : `s3://${bucket}/${key}`;
}

/** Opens a client; costs no request. */
export async function openS3(options: S3Options = {}): Promise<S3> {
  const sdk = await import("@aws-sdk/client-s3");
  const client = new sdk.S3Client({
    ...awsClientSettings(options, { timeoutMs: options.stallMs ?? 30_000 }),
    forcePathStyle: options.pathStyle ?? false,
    // whole-object checksums say nothing of a resumed body; gzip's own guard what is inside
    responseChecksumValidation: "WHEN_REQUIRED",
  });
  return new S3(client, sdk, options);
}

export class S3 implements Disposable {
  readonly #retry: RetryPolicy;
  readonly #payer: { RequestPayer?: "requester" };

  constructor(
    readonly client: S3Client,
    private readonly sdk: Sdk,
    private readonly options: S3Options,
  ) {
    this.#retry = options.retry ?? PATIENT;
    this.#payer = options.requesterPays ? { RequestPayer: "requester" } : {};
  }

  [Symbol.dispose](): void {
    this.client.destroy();
  }

  /** Which link of the credentials chain answers; throws a {@link StorageError} where none does. */
  async credentialsLink(): Promise<string> {
    try {
      return credentialsLink(await this.client.config.credentials()) ?? "unknown link";
    } catch (cause) {
      throw explainS3Error(cause, { uri: ALL_OF_S3, action: "sts:GetCallerIdentity" });
    }
  }

  /** The region that requests go to; null where neither configuration nor environment names one. */
  async region(): Promise<string | null> {
    return await this.client.config.region().catch(() => null);
  }

  /** The objects below a prefix, a page at a time, in the order of their keys. */
  async *list(at: S3Location): AsyncGenerator<S3Entry[]> {
    for await (const { Contents = [] } of this.#pages(at)) {
      yield Contents.map((entry) => ({
        key: entry.Key ?? "",
        bytes: entry.Size ?? 0,
        writtenMs: entry.LastModified?.getTime() ?? null,
      }));
    }
  }

  /** The folders directly below a prefix, each as a prefix with its slash, in order. */
  async folders(at: S3Location): Promise<string[]> {
    const folders: string[] = [];
    for await (const { CommonPrefixes = [] } of this.#pages(at, { delimiter: "/" })) {
      for (const { Prefix } of CommonPrefixes) if (Prefix !== undefined) folders.push(Prefix);
    }
    return folders;
  }

  async *#pages(
    at: S3Location,
    { delimiter }: { delimiter?: string } = {},
  ): AsyncGenerator<ListObjectsV2CommandOutput> {
    let token: string | undefined;
    do {
      const page = await this.#ask(at, "s3:ListBucket", (sending) =>
        this.client.send(
          new this.sdk.ListObjectsV2Command({
            Bucket: at.bucket,
            Prefix: at.key,
            ...(token !== undefined && { ContinuationToken: token }),
            ...(delimiter !== undefined && { Delimiter: delimiter }),
            ...this.#payer,
          }),
          sending,
        ));
      yield page;
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  /** What S3 says of an object without its bytes. Its errors have no reason: a status is all. */
  async head(at: S3Location): Promise<S3Head> {
    const head = await this.#ask(at, "s3:GetObject", (sending) =>
      this.client.send(
        new this.sdk.HeadObjectCommand({ Bucket: at.bucket, Key: at.key, ...this.#payer }),
        sending,
      ));
    return {
      bytes: head.ContentLength ?? 0,
      encryption: head.ServerSideEncryption ?? null,
      kmsKey: head.SSEKMSKeyId ?? null,
    };
  }

  /** `Enabled`, `Suspended`, or `Off` where the bucket never had versions. */
  async versioning(bucket: string): Promise<string> {
    const at = { bucket, key: "" };
    const answer = await this.#ask(
      at,
      "s3:GetBucketVersioning",
      (sending) =>
        this.client.send(new this.sdk.GetBucketVersioningCommand({ Bucket: bucket }), sending),
    );
    return answer.Status ?? "Off";
  }

  /**
   * The bytes of an object. Throws a {@link StorageError} that says what mends it, once the
   * policy's tries in a row brought nothing further.
   */
  async *get(at: S3Location): AsyncGenerator<Uint8Array> {
    const { signal } = this.options;
    const reading: Reading = { offset: 0, total: null, etag: null, versionId: null };
    if (this.options.oldestVersion) reading.versionId = await this.#oldestVersion(at);
    const request = { uri: s3Uri(at), action: actionOf(reading) };
    for (let failures = 0;;) {
      signal?.throwIfAborted();
      const before = reading.offset;
      try {
        yield* this.#body(at, reading);
        return;
      } catch (cause) {
        signal?.throwIfAborted();
        if (!isTransientS3(cause)) throw explainS3Error(cause, request);
        failures = reading.offset > before ? 1 : failures + 1;
        if (failures >= this.#retry.attempts) throw explainS3Error(cause, request);
        await this.#retry.sleep(retryDelayMs(this.#retry, failures), signal);
      }
    }
  }

  // One connection's worth of the body, from where the last one stopped.
  async *#body(at: S3Location, reading: Reading): AsyncGenerator<Uint8Array> {
    if (reading.total !== null && reading.offset >= reading.total) return;
    const { signal } = this.options;
    const { offset } = reading;
    const response = await this.client.send(
      new this.sdk.GetObjectCommand({
        Bucket: at.bucket,
        Key: at.key,
        ...(offset > 0 && { Range: `bytes=${offset}-` }),
        ...(reading.etag !== null && { IfMatch: reading.etag }),
        ...(reading.versionId !== null && { VersionId: reading.versionId }),
        ...this.#payer,
      }),
      signal ? { abortSignal: signal } : {},
    );
    reading.etag ??= response.ETag ?? null;
    reading.versionId ??= pinnable(response.VersionId);
    let skip = bytesBefore(offset, response, at);
    reading.total ??= response.ContentLength ?? null;
    for await (const chunk of this.#chunks(response)) {
      const fresh = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - fresh.length;
      if (fresh.length === 0) continue;
      reading.offset += fresh.length;
      yield fresh;
    }
    if (reading.total !== null && reading.offset < reading.total) throw cutBody(at);
  }

  // The chunks of one response; a stall is an error, and whoever leaves closes the connection.
  async *#chunks(
    { Body, ContentLength }: GetObjectCommandOutput,
  ): AsyncGenerator<Uint8Array> {
    if (Body === undefined) return;
    const { signal, stallMs = 30_000 } = this.options;
    let left = ContentLength ?? Infinity;
    const reader = (Body as unknown as ReadableStream<Uint8Array>).getReader({ mode: "byob" });
    let whole = false;
    try {
      for (;;) {
        // small recordings come by the thousand, and a buffer lies there until it is collected
        const room = Math.max(1, Math.min(CHUNK_BYTES, left));
        const next = reader.read(new Uint8Array(room));
        const { value, done } = await within(next, { stallMs, signal });
        if (done) break;
        left -= value.length;
        yield value;
      }
      whole = true;
    } finally {
      if (!whole) reader.cancel().catch(() => {});
    }
  }

  // The version written first; null where the bucket keeps none.
  async #oldestVersion(at: S3Location): Promise<string | null> {
    let oldest: string | null = null;
    let marker: { KeyMarker?: string; VersionIdMarker?: string } | null = {};
    while (marker !== null) {
      const page = await this.#ask(at, "s3:ListBucketVersions", (sending) =>
        this.client.send(
          new this.sdk.ListObjectVersionsCommand({
            Bucket: at.bucket,
            Prefix: at.key,
            ...marker,
            ...this.#payer,
          }),
          sending,
        ));
      // a key's versions come newest first; longer keys with this prefix follow
      const own = (page.Versions ?? []).filter((version) => version.Key === at.key);
      oldest = pinnable(own.at(-1)?.VersionId) ?? oldest;
      const more = page.IsTruncated && page.NextKeyMarker === at.key;
      marker = more
        ? {
          KeyMarker: page.NextKeyMarker!,
          ...(page.NextVersionIdMarker && { VersionIdMarker: page.NextVersionIdMarker }),
        }
        : null;
    }
    return oldest;
  }

  async #ask<T>(
    at: S3Location,
    action: string,
    body: (sending: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const { signal } = this.options;
    try {
      return await withRetries(() => body(signal ? { abortSignal: signal } : {}), {
        policy: this.#retry,
        isTransient: isTransientS3,
        signal,
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw explainS3Error(cause, { uri: s3Uri(at), action });
    }
  }
}

/** How far the reading of one object is, and of which version of it. */
interface Reading {
  offset: number;
  total: number | null;
  etag: string | null;
  versionId: string | null;
}

function actionOf({ versionId }: Reading): string {
  return versionId === null ? "s3:GetObject" : "s3:GetObjectVersion";
}

/** The version `null` is what was there before the bucket had versions: no need to pin it. */
function pinnable(versionId: string | undefined): string | null {
  return versionId === undefined || versionId === "null" ? null : versionId;
}

// How many bytes of a response were read already: none, but where a gateway ignores ranges.
function bytesBefore(offset: number, response: GetObjectCommandOutput, at: S3Location): number {
  if (offset === 0) return 0;
  const range = /^bytes (\d+)-/.exec(response.ContentRange ?? "");
  if (range === null) return offset;
  const from = Number(range[1]);
  if (from <= offset) return offset - from;
  throw new StorageError(
    `S3 answers another range than was asked of ${s3Uri(at)}`,
    "other",
    at.key,
  );
}

function cutBody(at: S3Location): StorageError {
  const uri = s3Uri(at);
  return new StorageError(`The connection ends within ${JSON.stringify(uri)}`, "busy", uri);
}

async function within<T>(
  promise: Promise<T>,
  { stallMs, signal }: { stallMs: number; signal?: AbortSignal | undefined },
): Promise<T> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const stalled = () =>
    reject(Object.assign(new Error("The body stalls"), { name: "TimeoutError" }));
  const aborted = () => reject(signal!.reason);
  const timer = setTimeout(stalled, stallMs);
  signal?.addEventListener("abort", aborted, { once: true });
  try {
    return await Promise.race([promise, ended]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", aborted);
    promise.catch(() => {});
  }
}
