import { SIGN_IN } from "./aws_client.ts";
import { StorageError, type StorageFault } from "../model/errors.ts";
import { TRUST, UNTRUSTED } from "./untrusted_certificate.ts";

/** What was asked of S3 when it failed. */
interface S3Request {
  /** `s3://bucket/key` or `s3://bucket`. */
  uri: string;
  /** The IAM action that the request needs. */
  action: string;
}

/** The part of an SDK error that says what happened. */
interface SdkError {
  name?: string;
  code?: string;
  message?: string;
  StorageClass?: string;
  Region?: string;
  $metadata?: { httpStatusCode?: number };
  $response?: { headers?: Record<string, string | undefined> };
}

/**
 * Any error of the SDK, in one sentence that says what mends it. What it can't name keeps the
 * error's code alone: its message may quote the request.
 */
export function explainS3Error(cause: unknown, { uri, action }: S3Request): StorageError {
  if (cause instanceof StorageError) return cause;
  if (cause instanceof Deno.errors.NotCapable) throw cause; // says itself what is not allowed
  const error = (cause ?? {}) as SdkError;
  const fault = faultOf(error);
  const object = uri === ALL_OF_S3 ? "S3" : JSON.stringify(uri);
  const message = (): string => {
    switch (fault) {
      case "missing":
        return `There is no object ${object}`;
      case "no-bucket":
        return `There is no bucket for ${object}; check the name in the configuration`;
      case "denied":
        return `Access to ${object} is denied; allow ${action} on it` +
          (action.startsWith("s3:GetObject")
            ? " (and s3:ListBucket on its bucket, without which a missing object looks the same)"
            : "");
      case "key-denied":
        return `The key that encrypts ${object} can't be used; ${keyAdvice(error)}`;
      case "archived":
        return `${object} lies in the archived storage class ${storageClass(error)}; ` +
          "restore it (s3:RestoreObject), then pull again";
      case "credentials":
        if (error.name === "CredentialsProviderError") {
          return `No credentials were found for ${object}; ${SIGN_IN}`;
        }
        return `AWS does not take the credentials for ${object} (${codeOf(error)}); ` +
          "renew them, for example by `aws sso login`, and check the system's clock";
      case "region":
        if (isRegionless(error)) {
          return `No region is known for ${object}; set \`region\` beside it, or AWS_REGION`;
        }
        return `The bucket of ${object} lies in ${regionOf(error) ?? "another region"}; ` +
          "set that as `region` in the configuration";
      case "changed":
        return `${object} changed while it was read; pull again`;
      case "busy":
        return `S3 did not answer for ${object} after several tries (${codeOf(error)})`;
      case "other":
        if (UNTRUSTED.test(error.code ?? "")) return `Cannot ask S3 for ${object}: ${TRUST}`;
        return `S3 refuses ${object} (${codeOf(error)})`;
    }
  };
  return new StorageError(message(), fault, uri, { cause });
}

/** What a request that is about no object is about. */
export const ALL_OF_S3 = "s3://";

/** Whether trying again may help. */
export function isTransientS3(cause: unknown): boolean {
  if (cause instanceof StorageError) return cause.fault === "busy";
  return faultOf((cause ?? {}) as SdkError) === "busy";
}

const BY_CODE: Readonly<Record<string, StorageFault>> = {
  NoSuchKey: "missing",
  NoSuchVersion: "missing",
  NotFound: "missing",
  NoSuchBucket: "no-bucket",
  PreconditionFailed: "changed",
  InvalidObjectState: "archived",
  ExpiredToken: "credentials",
  ExpiredTokenException: "credentials",
  TokenRefreshRequired: "credentials",
  InvalidAccessKeyId: "credentials",
  InvalidToken: "credentials",
  SignatureDoesNotMatch: "credentials",
  RequestTimeTooSkewed: "credentials",
  CredentialsProviderError: "credentials",
  TokenProviderError: "credentials",
  PermanentRedirect: "region",
  TemporaryRedirect: "region",
  AuthorizationHeaderMalformed: "region",
  IllegalLocationConstraintException: "region",
  RequestTimeout: "busy",
  SlowDown: "busy",
  InternalError: "busy",
  ServiceUnavailable: "busy",
  TimeoutError: "busy",
};

/** Codes of a system whose network had a moment. */
const NETWORK = /^(ECONN\w+|EPIPE|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ERR_STREAM_\w+)$/;

function faultOf(error: SdkError): StorageFault {
  const { name = "", code = "", message = "" } = error;
  const status = error.$metadata?.httpStatusCode ?? 0;
  if (name.startsWith("KMS.")) return "key-denied";
  const denied = status === 403 || name === "AccessDenied" || name === "Forbidden";
  if (denied && /\bkms:|KMS|ciphertext/.test(message)) return "key-denied";
  const known = BY_CODE[name];
  if (known !== undefined) return known;
  if (isRegionless(error)) return "region";
  if (status >= 500 || status === 429 || status === 408) return "busy";
  if (NETWORK.test(code) || BROKEN_BODY.test(message)) return "busy";
  if (status === 404) return "missing";
  if (status === 301 || status === 307) return "region";
  if (status === 412) return "changed";
  return denied ? "denied" : "other";
}

/** How a body that ends too early is told, by Node's HTTP client or by Deno's. */
const BROKEN_BODY =
  /aborted|socket hang up|premature|connection (closed|reset|error)|error (reading|decoding)|end of file|unexpected eof/i;

function keyAdvice(error: SdkError): string {
  const key = /arn:aws[\w-]*:kms:[\w:/-]+/.exec(error.message ?? "")?.[0];
  const which = key === undefined ? "the bucket's KMS key" : `the KMS key ${key}`;
  switch (error.name) {
    case "KMS.DisabledException":
      return `${which} is disabled: enable it`;
    case "KMS.KMSInvalidStateException":
    case "KMS.InvalidStateException":
      return `${which} is pending deletion or not ready: cancel its deletion`;
    case "KMS.NotFoundException":
      return `${which} does not exist any more`;
  }
  return `allow kms:Decrypt on ${which}, in its key policy too where another account owns it`;
}

function storageClass(error: SdkError): string {
  const known = /^[A-Z_]{1,40}$/.exec(error.StorageClass ?? "")?.[0];
  return known ?? "of this object";
}

/** Neither configuration, nor environment, nor profile names a region: the SDK asks nobody then. */
function isRegionless({ message }: SdkError): boolean {
  return message === "Region is missing";
}

function regionOf(error: SdkError): string | null {
  const stated = error.Region ?? error.$response?.headers?.["x-amz-bucket-region"] ?? "";
  return /^[a-z]{2}(-[a-z]+)+-\d$/.test(stated) ? stated : null;
}

function codeOf(error: SdkError): string {
  const name = error.code ?? error.name ?? "";
  const short = /^[\w.]{1,60}$/.test(name) ? name : "no code";
  const status = error.$metadata?.httpStatusCode;
  return status === undefined || name === String(status) ? short : `${short}, status ${status}`;
}
