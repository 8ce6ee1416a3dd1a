import { QueryError } from "../model/errors.ts";
import { TRUST, UNTRUSTED } from "./untrusted_certificate.ts";

/** What the client throws: BigQuery's own answers, or a fault on the way to it. */
interface ApiFault {
  name?: string;
  message?: string;
  code?: number | string;
  errors?: { reason?: string; message?: string }[];
}

const TRANSIENT_REASON =
  /^(backendError|internalError|jobBackendError|jobInternalError|rateLimitExceeded|jobRateLimitExceeded|tableUnavailable)$/;
const BROKEN_CONNECTION = /^(ECONN\w+|EPIPE|ETIMEDOUT|EAI_AGAIN|UND_ERR\w*|ESOCKETTIMEDOUT)$/;

/** BigQuery's name of a fault (`notFound`), else the system's (`ENOTFOUND`), else `unknown fault`. */
export function reasonOf(error: unknown): string {
  const fault = (error ?? {}) as ApiFault;
  const reason = fault.errors?.[0]?.reason;
  if (typeof reason === "string" && /^\w{1,60}$/.test(reason)) return reason;
  if (typeof fault.code === "string" && /^\w{1,60}$/.test(fault.code)) return fault.code;
  if (/default credentials/.test(fault.message ?? "")) return "noCredentials";
  if (/invalid_grant|invalid_rapt|reauth/i.test(fault.message ?? "")) return "expiredCredentials";
  return typeof fault.code === "number" ? `HTTP ${fault.code}` : "unknown fault";
}

/** Whether a call may well succeed when it is made again. */
export function isTransientFault(error: unknown): boolean {
  const { name, code, message = "" } = (error ?? {}) as ApiFault;
  const reason = reasonOf(error);
  if (TRANSIENT_REASON.test(reason) || BROKEN_CONNECTION.test(reason)) return true;
  // a cut answer is a SyntaxError of its JSON
  if (name === "SyntaxError") return true;
  if (typeof code === "number" && (code === 429 || code >= 500)) return true;
  return /socket hang up|connection (reset|closed)|unexpected end of|Premature close/i.test(
    message,
  );
}

const SIGN_IN =
  "sign in by `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS";

const ADVICE: readonly (readonly [reason: RegExp, advice: string])[] = [
  [/^noCredentials$/, `no credentials were found; ${SIGN_IN}`],
  [/^expiredCredentials$/, `the credentials have expired; ${SIGN_IN}`],
  [/^(authError|HTTP 401)$/, `BigQuery does not take these credentials; ${SIGN_IN}`],
  [
    /^notFound$/,
    "it is not there; check `project`, `dataset`, `location`, `tables` and `streams` in the " +
    "configuration",
  ],
  [/^accessDenied$/, "access is denied; `deno task shellscope doctor` names what is missing"],
  [
    /^bytesBilledLimitExceeded$/,
    "it would bill more than `maxBytesBilled`; ask for a shorter window or raise it",
  ],
  [
    /^(quotaExceeded|billingNotEnabled|billingTierLimitExceeded)$/,
    "a quota of the project is used up",
  ],
  [/^(resourcesExceeded|responseTooLarge)$/, "it is too large; ask for a shorter window"],
  [UNTRUSTED, TRUST],
  [/^(ENOTFOUND|ECONNREFUSED)$/, "it can't be reached; check the network"],
];

/**
 * A call or a job failed for good. Of BigQuery's words only those about names are passed on: others
 * may quote what stands in a row.
 */
export function bigQueryError(what: string, error: unknown, jobId: string | null): QueryError {
  if (error instanceof Deno.errors.NotCapable) throw error;
  const reason = reasonOf(error);
  const advice = ADVICE.find(([pattern]) => pattern.test(reason))?.[1] ?? "it failed";
  const said = wordsOf(error, reason);
  const job = jobId === null ? "" : ` (job ${jobId})`;
  return new QueryError(
    `Cannot ${what} on BigQuery${job}: ${advice} (${said})`,
    jobId,
    { cause: reason },
  );
}

const ABOUT_NAMES = /^(Not found|Access Denied|Unrecognized name|Name \w+ not found|Field name)/;

function wordsOf(error: unknown, reason: string): string {
  const { errors, message } = (error ?? {}) as ApiFault;
  const words = (errors?.[0]?.message ?? message ?? "").replace(/\s+/g, " ").trim();
  return ABOUT_NAMES.test(words) ? `${reason}: ${words.slice(0, 300)}` : reason;
}
