/**
 * S3's REST protocol over a folder, on the loopback address, with faults on demand: what the real
 * SDK client talks to in tests. Reads only; path style only; signatures are not checked.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";

/** What is done to one request instead of answering it, or while answering it. */
export type S3Fault =
  | { kind: "error"; status: number; code: string; message?: string; extra?: string }
  /** The connection ends after so many bytes of the body. */
  | { kind: "cut"; afterBytes: number }
  /** The body stops after so many bytes, and the connection stays open. */
  | { kind: "stall"; afterBytes: number }
  /** The body comes in pieces with pauses. */
  | { kind: "slow"; pieceBytes: number; pauseMs: number }
  /** The connection ends without an answer. */
  | { kind: "reset" };

/** Faults that pass: asked again, all is well. */
export const PASSING_FAULTS: readonly S3Fault[] = [
  { kind: "error", status: 500, code: "InternalError" },
  { kind: "error", status: 503, code: "SlowDown" },
  { kind: "reset" },
  { kind: "cut", afterBytes: 0 },
  { kind: "cut", afterBytes: 300 },
  { kind: "slow", pieceBytes: 400, pauseMs: 1 },
];

/** A request as faults are decided on, and as the log keeps it. */
export interface S3Request {
  operation: "ListObjectsV2" | "ListObjectVersions" | "GetBucketVersioning" | "Head" | "Get";
  bucket: string;
  key: string;
  range: string | null;
  ifMatch: string | null;
  versionId: string | null;
  payer: string | null;
  /** How many requests came before this one. */
  number: number;
}

export interface S3ServerOptions {
  /** The one bucket, and the folder that holds its objects. */
  bucket: string;
  folder: string;
  /** Decides on each request; null: it is answered. */
  fault?: (request: S3Request) => S3Fault | null;
  /** Older versions of keys, oldest last, beside what lies in the folder. */
  olderVersions?: Readonly<Record<string, readonly { versionId: string; bytes: Uint8Array }[]>>;
  versioning?: "Enabled" | "Suspended";
  /** Ranged requests are answered with the whole object, as some gateways do. */
  ignoresRanges?: boolean;
  encryption?: string;
  pageSize?: number;
}

export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: S3Request[];
  readonly bytesSent: number;
  /** Faults from now on. */
  fault: (request: S3Request) => S3Fault | null;
}

/** The version that lies in the folder. */
const CURRENT_VERSION = "current-version";

/** Starts a server; it ends with its `await using` block. */
export async function startS3Server(options: S3ServerOptions): Promise<S3Server> {
  const service = new Service(options);
  const server: Server = createServer((request, response) => {
    service.answer(request, response).catch(() => response.destroy());
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(service, {
    endpoint: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      service.stop();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

class Service {
  readonly requests: S3Request[] = [];
  bytesSent = 0;
  fault: (request: S3Request) => S3Fault | null;
  readonly #ended = new AbortController();

  constructor(private readonly options: S3ServerOptions) {
    this.fault = options.fault ?? (() => null);
  }

  stop(): void {
    this.#ended.abort();
  }

  async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? "/", "http://127.0.0.1");
    const [, bucket = "", ...rest] = url.pathname.split("/");
    const key = decodeURIComponent(rest.join("/"));
    const header = (name: string) => (message.headers[name] as string | undefined) ?? null;
    const request: S3Request = {
      operation: operationOf(message.method ?? "GET", key, url.searchParams),
      ...{ bucket, key: key === "" ? url.searchParams.get("prefix") ?? "" : key },
      ...{ range: header("range"), ifMatch: header("if-match") },
      versionId: url.searchParams.get("versionId"),
      payer: header("x-amz-request-payer"),
      number: this.requests.length,
    };
    this.requests.push(request);
    const fault = this.fault(request);
    if (fault?.kind === "reset") return void response.destroy();
    if (fault?.kind === "error") return sendError(response, request, fault);
    if (bucket !== this.options.bucket) {
      return sendError(response, request, { status: 404, code: "NoSuchBucket" });
    }
    switch (request.operation) {
      case "ListObjectsV2":
        return sendXml(response, await this.#listing(url.searchParams));
      case "ListObjectVersions":
        return sendXml(response, await this.#versions(url.searchParams));
      case "GetBucketVersioning":
        return sendXml(response, versioningXml(this.options.versioning));
      case "Head":
      case "Get":
        await this.#object(request, response, fault);
    }
  }

  async #object(request: S3Request, response: ServerResponse, fault: S3Fault | null) {
    const found = await this.#version(request);
    if (found === null) return sendError(response, request, { status: 404, code: "NoSuchKey" });
    const etag = `"${createHash("md5").update(found.bytes).digest("hex")}"`;
    if (request.ifMatch !== null && request.ifMatch !== etag) {
      return sendError(response, request, { status: 412, code: "PreconditionFailed" });
    }
    const total = found.bytes.length;
    const asked = /^bytes=(\d+)-(\d*)$/.exec(request.range ?? "");
    const ranged = asked !== null && !this.options.ignoresRanges;
    const from = ranged ? Number(asked[1]) : 0;
    const until = ranged && asked[2] !== "" ? Math.min(Number(asked[2]) + 1, total) : total;
    if (ranged && from >= total) {
      return sendError(response, request, { status: 416, code: "InvalidRange" });
    }
    response.writeHead(ranged ? 206 : 200, {
      "content-length": until - from,
      "accept-ranges": "bytes",
      etag,
      ...(ranged && { "content-range": `bytes ${from}-${until - 1}/${total}` }),
      ...(this.options.versioning && { "x-amz-version-id": found.versionId }),
      ...(this.options.encryption && {
        "x-amz-server-side-encryption": this.options.encryption,
      }),
    });
    if (request.operation === "Head") return void response.end();
    await this.#body(response, found.bytes.subarray(from, until), fault);
  }

  async #body(response: ServerResponse, bytes: Uint8Array, fault: S3Fault | null): Promise<void> {
    const send = (piece: Uint8Array) => {
      this.bytesSent += piece.length;
      return new Promise<void>((resolve) => response.write(piece, () => resolve()));
    };
    switch (fault?.kind) {
      case "cut":
        await send(bytes.subarray(0, fault.afterBytes));
        await pause(5, this.#ended.signal);
        return void response.destroy();
      case "stall":
        if (fault.afterBytes > 0) await send(bytes.subarray(0, fault.afterBytes));
        return;
      case "slow":
        for (let at = 0; at < bytes.length; at += fault.pieceBytes) {
          await send(bytes.subarray(at, at + fault.pieceBytes));
          await pause(fault.pauseMs, this.#ended.signal);
        }
        return void response.end();
      default:
        this.bytesSent += bytes.length;
        response.end(bytes);
    }
  }

  async #version({ key, versionId }: S3Request) {
    const older = this.options.olderVersions?.[key] ?? [];
    if (versionId !== null && versionId !== CURRENT_VERSION) {
      return older.find((version) => version.versionId === versionId) ?? null;
    }
    try {
      const bytes = await Deno.readFile(join(this.options.folder, key));
      return { versionId: CURRENT_VERSION, bytes };
    } catch {
      return null;
    }
  }

  async #listing(query: URLSearchParams): Promise<string> {
    const prefix = query.get("prefix") ?? "";
    const after = query.get("continuation-token") ?? "";
    const size = Math.min(Number(query.get("max-keys") ?? 1000), this.options.pageSize ?? 1000);
    const delimiter = query.get("delimiter");
    const all = (await keysBelow(this.options.folder)).filter((key) => key.startsWith(prefix));
    // what lies deeper counts as one entry, its folder
    const cut = (key: string) => {
      const end = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : key.slice(0, end + 1);
    };
    const keys = [...new Set(all.map(cut))].sort().filter((key) => key > after);
    const page = keys.slice(0, size);
    const entries = await Promise.all(page.map(async (key) => {
      if (delimiter !== null && key.endsWith(delimiter)) {
        return `<CommonPrefixes><Prefix>${escapeXml(key)}</Prefix></CommonPrefixes>`;
      }
      const { size, mtime } = await Deno.stat(join(this.options.folder, key));
      return `<Contents><Key>${escapeXml(key)}</Key><Size>${size}</Size>` +
        `<LastModified>${mtime!.toISOString()}</LastModified>` +
        "<StorageClass>STANDARD</StorageClass></Contents>";
    }));
    const more = keys.length > page.length;
    return `<ListBucketResult><Name>${query.get("prefix") ?? ""}</Name><KeyCount>${page.length}` +
      `</KeyCount><IsTruncated>${more}</IsTruncated>${
        more ? `<NextContinuationToken>${escapeXml(page.at(-1)!)}</NextContinuationToken>` : ""
      }${entries.join("")}</ListBucketResult>`;
  }

  async #versions(query: URLSearchParams): Promise<string> {
    const prefix = query.get("prefix") ?? "";
    const keys = (await keysBelow(this.options.folder)).filter((key) => key.startsWith(prefix));
    const entries = keys.flatMap((key) => {
      const older = this.options.olderVersions?.[key]?.map(({ versionId }) => versionId) ?? [];
      return [CURRENT_VERSION, ...older].map((id, i) =>
        `<Version><Key>${escapeXml(key)}</Key><VersionId>${id}</VersionId><IsLatest>${
          i === 0
        }</IsLatest></Version>`
      );
    });
    return `<ListVersionsResult><IsTruncated>false</IsTruncated>${
      entries.join("")
    }</ListVersionsResult>`;
  }
}

function operationOf(method: string, key: string, query: URLSearchParams): S3Request["operation"] {
  if (query.has("versioning")) return "GetBucketVersioning";
  if (query.has("versions")) return "ListObjectVersions";
  if (key === "") return "ListObjectsV2";
  return method === "HEAD" ? "Head" : "Get";
}

async function keysBelow(folder: string, prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for await (const entry of Deno.readDir(join(folder, prefix))) {
    if (entry.isDirectory) keys.push(...await keysBelow(folder, `${prefix}${entry.name}/`));
    else keys.push(`${prefix}${entry.name}`);
  }
  return keys.sort();
}

function versioningXml(status: string | undefined): string {
  const inner = status === undefined ? "" : `<Status>${status}</Status>`;
  return `<VersioningConfiguration>${inner}</VersioningConfiguration>`;
}

function sendXml(response: ServerResponse, xml: string, status = 200): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
}

// Answers to HEAD have no body, so that the SDK sees a status alone, as from the real service.
function sendError(
  response: ServerResponse,
  request: S3Request,
  error: { status: number; code: string; message?: string; extra?: string },
): void {
  if (request.operation === "Head") return void response.writeHead(error.status).end();
  const { code, message = code, extra = "" } = error;
  sendXml(
    response,
    `<Error><Code>${code}</Code><Message>${
      escapeXml(message)
    }</Message>${extra}<RequestId>1</RequestId></Error>`,
    error.status,
  );
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (c) => `&#${c.codePointAt(0)};`);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
