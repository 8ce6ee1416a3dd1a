import type { QueryExecutionStatus } from "@aws-sdk/client-athena";
import { QueryError } from "../model/errors.ts";
import { SIGN_IN } from "./aws_client.ts";
import { TRUST, UNTRUSTED } from "./untrusted_certificate.ts";

/** Which query a fault is about. */
export interface FaultyQuery {
  name: string;
  /** Athena's own id; null before it gave one. */
  id: string | null;
}

const THROTTLED = /^(ThrottlingException|TooManyRequestsException|RequestLimitExceeded|SlowDown)$/;
// a cut answer is a SyntaxError of its JSON
const BROKEN_CONNECTION =
  /^(TimeoutError|NetworkingError|SyntaxError|ECONN\w+|EPIPE|ETIMEDOUT|EAI_AGAIN|UND_ERR\w*)$/;

/** Whether a call of Athena's API may well succeed when it is made again. */
export function isTransientCall(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: string };
  const status = $metadata?.httpStatusCode ?? 0;
  return THROTTLED.test(error.name) || BROKEN_CONNECTION.test(error.name) ||
    BROKEN_CONNECTION.test(code ?? "") || status >= 500 || status === 429 ||
    /socket hang up|connection (reset|closed)|unexpected end/i.test(error.message);
}

/** What an error is called: AWS's name for it, or the system's code (`ENOTFOUND`). */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown fault";
  const { code } = error as { code?: unknown };
  return error.name === "Error" && typeof code === "string" ? code : error.name;
}

const ADVICE: readonly (readonly [name: RegExp, advice: string])[] = [
  [
    /^(ExpiredToken|ExpiredTokenException|RequestExpired)$/,
    "the credentials have expired; sign in again and start anew, what is done stays done",
  ],
  [
    /^(UnrecognizedClientException|InvalidSignatureException|InvalidClientTokenId)$/,
    "AWS does not know these credentials; check AWS_PROFILE or the access key",
  ],
  [/^CredentialsProviderError$/, `no credentials were found; ${SIGN_IN}`],
  [UNTRUSTED, TRUST],
  [/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED)$/, "it can't be reached; check the region and the network"],
  [
    /^AccessDenied(Exception)?$/,
    "access is denied; `deno task shellscope doctor` names what is missing",
  ],
];

/**
 * A call of the API failed for good. The words of AWS are about the call, not about rows; those of
 * any other fault may quote an answer and are left out. A permission that the task lacks is thrown
 * as it is.
 */
export function callError(query: FaultyQuery, error: unknown): QueryError {
  if (error instanceof Deno.errors.NotCapable) throw error;
  const { message } = error instanceof Error ? error : { message: "" };
  const name = nameOf(error);
  const advice = ADVICE.find(([pattern]) => pattern.test(name))?.[1];
  const isOfAws = error instanceof Error && "$fault" in error;
  const said = isOfAws && message !== "" ? `${name}: ${short(message)}` : name;
  return new QueryError(
    `Cannot run the query "${query.name}" on Athena${idOf(query)}: ` +
      (advice === undefined ? `it reports "${said}"` : `${advice} (${said})`),
    query.id,
    { cause: name },
  );
}

/**
 * A query failed or was cancelled while it ran: Athena's own reason. Reasons that may quote what
 * stands in a row are cut to their code.
 */
export function executionError(query: FaultyQuery, status: QueryExecutionStatus): QueryError {
  const reason = status.StateChangeReason ?? status.AthenaError?.ErrorMessage ?? "";
  const limit = /limit was exceeded|cutoff/i.test(reason)
    ? "; ask for a shorter window or have the workgroup's limit raised"
    : "";
  const state = status.State === "CANCELLED" ? "was cancelled" : "failed";
  return new QueryError(
    `The query "${query.name}" ${state} on Athena${idOf(query)}: "${safeReason(reason)}"${limit}`,
    query.id,
    { cause: limit === "" ? "query" : BYTES_LIMIT },
  );
}

/** The `cause` of a {@link QueryError} where the workgroup's limit of bytes stopped a query. */
export const BYTES_LIMIT = "bytes limit";

/** Whether a query that failed may well succeed when it is started again. */
export function isTransientExecution(status: QueryExecutionStatus): boolean {
  if (status.State !== "FAILED") return false;
  if (status.AthenaError?.Retryable === true) return true;
  return /GENERIC_INTERNAL_ERROR|SlowDown|Throttl|Service unavailable|exhausted resources/i
    .test(status.StateChangeReason ?? "");
}

const ABOUT_ROWS = /^([A-Z]+_)*(CAST|ARGUMENT|RANGE|DATA|CURSOR|JSON|ZERO|USER)[A-Z_]*\b/;

function safeReason(reason: string): string {
  const text = reason.replace(/^Query cancelled!\s*:?\s*/, "");
  const code = ABOUT_ROWS.exec(text)?.[0];
  return code ?? (short(text) || "no reason given");
}

function short(text: string): string {
  return text.replace(/\s+/g, " ").trim().slice(0, 300);
}

function idOf({ id }: FaultyQuery): string {
  return id === null ? "" : ` (query ${id})`;
}
