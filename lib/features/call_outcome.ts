import type { ApiSubstrate, CallOutcome, RawCall } from "../model/call_minute.ts";

/** `google.rpc.Code`; what is not here `failed`. */
const GCP_CODES: Readonly<Record<string, CallOutcome>> = {
  "0": "ok",
  "3": "invalid",
  "5": "not-found",
  "6": "exists",
  "7": "denied",
  "8": "throttled",
  "11": "invalid",
  "16": "denied",
};

/**
 * Error codes of AWS by what they hold; the first that fits counts. A dry run that would have
 * succeeded is told as an error (`Client.DryRunOperation`) and is none.
 */
const AWS_CODES: readonly (readonly [RegExp, CallOutcome])[] = [
  [/DryRunOperation/, "ok"],
  [
    /AccessDenied|Unauthori[sz]ed|NotAuthori[sz]ed|AuthFailure|Forbidden|FailedAuthentication|AccessDisabled|ExpiredToken|TokenRefresh|UnrecognizedClient|InvalidClientToken|InvalidAccessKey|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthentication|OptInRequired|ExplicitDeny/i,
    "denied",
  ],
  [
    /Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|RateExceeded|LimitExceeded|Quota/i,
    "throttled",
  ],
  [/NotFound|NoSuch|NotExist|DoesNotExist|Nonexistent|^404$/i, "not-found"],
  [/Exists|AlreadyOwned|Duplicate|AlreadyAssociated/i, "exists"],
  [/Invalid|Validation|Malformed|Missing|BadRequest|Parameter|Unsupported|^400$/i, "invalid"],
];

/**
 * The class of what became of a call. GCP: a permission that was not granted makes it a denial where
 * the log gives no code besides.
 */
export function callOutcome(
  { code, granted }: Pick<RawCall, "code" | "granted">,
  { substrate }: { substrate: ApiSubstrate },
): CallOutcome {
  switch (substrate) {
    case "gcp-cloud-audit":
      if (code === null) return granted === false ? "denied" : "ok";
      return Object.hasOwn(GCP_CODES, code) ? GCP_CODES[code]! : "failed";
    case "aws-cloudtrail": {
      if (code === null) return "ok";
      const text = code.slice(0, 128);
      return AWS_CODES.find(([pattern]) => pattern.test(text))?.[1] ?? "failed";
    }
  }
}
