import assert from "node:assert/strict";
import { callError } from "../../lib/sources/athena_errors.ts";
import { bigQueryError } from "../../lib/sources/bigquery_errors.ts";
import { explainS3Error } from "../../lib/sources/s3_errors.ts";

/** Faults before any server has answered, which servers of a test can't bring about. */
const S3 = { uri: "s3://b/k", action: "s3:GetObject" };
const QUERY = { name: "count.sql", id: null };

for (
  const [what, error, expected] of [
    [
      "no credentials",
      explainS3Error(Object.assign(new Error(), { name: "CredentialsProviderError" }), S3),
      /No credentials were found for "s3:\/\/b\/k"; sign in .*AWS_PROFILE/,
    ],
    [
      "no region",
      explainS3Error(new Error("Region is missing"), S3),
      /No region is known for "s3:\/\/b\/k"; set `region`/,
    ],
    ...["ERR_TLS_CERT", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "SELF_SIGNED_CERT_IN_CHAIN"].flatMap(
      (code) => {
        const cause = Object.assign(new Error("x"), { code });
        return [
          explainS3Error(cause, S3),
          callError(QUERY, cause),
          bigQueryError("look", cause, null),
        ].map((error) => [code, error, /its certificate is not trusted; .*DENO_CERT/] as const);
      },
    ),
  ] as const
) {
  Deno.test(`${error.name}: ${what} is told with what mends it`, () => {
    assert.match(error.message, expected);
  });
}
