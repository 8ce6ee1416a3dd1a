/**
 * Sends the requests of AWS's SDK with `fetch`. The SDK's own way, Node's HTTP client, leaves up to
 * 200 MB of read buffers to the garbage collector while a long body streams; `fetch` leaves little.
 *
 * @module
 */

/** A request as the SDK builds and signs it. */
interface SdkRequest {
  protocol: string;
  hostname: string;
  port?: number;
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
  body?: unknown;
}

interface SdkResponse {
  statusCode: number;
  reason: string;
  headers: Record<string, string>;
  body: ReadableStream<Uint8Array> | undefined;
}

/** A `requestHandler` for the SDK's clients. */
export class FetchHandler {
  readonly metadata = { handlerProtocol: "http/1.1" };
  readonly #client = Deno.createHttpClient({ http2: false });

  /** `timeoutMs`: how long an answer may take to begin; its body is not timed. */
  constructor(private readonly timeoutMs: number) {}

  /**
   * A connection that can't be made or breaks is an error with a system's `code`, as Node gives it;
   * an answer that does not begin in time is a `TimeoutError`.
   */
  async handle(
    request: SdkRequest,
    options: { abortSignal?: unknown } = {},
  ): Promise<{ response: SdkResponse }> {
    const abortSignal = options.abortSignal as AbortSignal | undefined;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(timeout()), this.timeoutMs);
    const signal = abortSignal ? AbortSignal.any([abortSignal, late.signal]) : late.signal;
    try {
      const response = await fetch(urlOf(request), {
        method: request.method,
        // `fetch` would unpack objects that are stored gzipped, if it had not been told otherwise
        headers: { ...request.headers, "accept-encoding": "identity" },
        ...(request.body !== undefined && { body: request.body as BodyInit }),
        redirect: "manual",
        client: this.#client,
        signal,
      });
      return {
        response: {
          statusCode: response.status,
          reason: response.statusText,
          headers: Object.fromEntries(response.headers),
          body: response.body ?? undefined,
        },
      };
    } catch (cause) {
      signal.throwIfAborted();
      throw connectionError(cause);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The SDK's clients call it when they are closed. */
  destroy(): void {
    this.#client.close();
  }
}

function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): string {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    [value].flat().map((one) => one === null ? encoded(key) : `${encoded(key)}=${encoded(one)}`)
  );
  const search = pairs.length === 0 ? "" : `?${pairs.join("&")}`;
  return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}${search}`;
}

/** As signatures take it: five more characters than JavaScript encodes. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function timeout(): Error {
  return Object.assign(new Error("The answer did not begin in time"), { name: "TimeoutError" });
}

/** What `fetch` says of a failure, and the system's code for it. */
const FAILURES: readonly (readonly [said: RegExp, code: string])[] = [
  [/temporary failure/i, "EAI_AGAIN"],
  [/dns error/, "ENOTFOUND"],
  [/certificate/, "ERR_TLS_CERT"],
  [/\(Connect\)/, "ECONNREFUSED"],
];

// The words of `fetch` name the request; their kind is all that is needed.
function connectionError(cause: unknown): unknown {
  if (!(cause instanceof TypeError)) return cause;
  const said = cause.cause instanceof Error ? cause.cause.message : cause.message;
  const code = FAILURES.find(([pattern]) => pattern.test(said))?.[1] ?? "ECONNRESET";
  return Object.assign(new Error("The connection failed"), { code });
}
