/**
 * What all clients of AWS share: their settings, and which credentials answered.
 *
 * @module
 */

import { FetchHandler } from "./fetch_handler.ts";

/** A key to sign with; without one the SDK's own chain is asked. */
interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** How a client of AWS is opened. */
export interface AwsOptions {
  /** Such as `eu-west-1`; without it what the environment or the profile says. */
  region?: string | undefined;
  /** Another address than AWS's own: a gateway of the organisation, a loopback server. */
  endpoint?: string | undefined;
  credentials?: AwsCredentials | undefined;
}

/**
 * Settings of an SDK client, whose answers must begin within `timeoutMs`. It never retries by
 * itself: who calls it does, and counts.
 */
export function awsClientSettings(options: AwsOptions, { timeoutMs }: { timeoutMs: number }): {
  maxAttempts: number;
  requestHandler: FetchHandler;
  region?: string;
  endpoint?: string;
  credentials?: AwsCredentials;
} {
  const { region, endpoint, credentials } = options;
  return {
    maxAttempts: 1,
    requestHandler: new FetchHandler(timeoutMs),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && { credentials }),
  };
}

/** What helps where no link of the chain has credentials. */
export const SIGN_IN = "sign in (`aws sso login`), or set AWS_PROFILE or AWS_ACCESS_KEY_ID";

/** The SDK's marks on credentials, and what a user calls the link of the chain that set them. */
const LINKS: readonly (readonly [mark: string, link: string])[] = [
  ["CREDENTIALS_CODE", "handed in by the program"],
  ["CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN", "web identity token of the environment"],
  ["CREDENTIALS_ENV_VARS", "environment variables"],
  ["CREDENTIALS_PROFILE_SSO", "SSO of a profile"],
  ["CREDENTIALS_PROFILE_SSO_LEGACY", "SSO of a profile"],
  ["CREDENTIALS_SSO", "SSO"],
  ["CREDENTIALS_SSO_LEGACY", "SSO"],
  ["CREDENTIALS_PROFILE_PROCESS", "credential process of a profile"],
  ["CREDENTIALS_PROCESS", "credential process of a profile"],
  ["CREDENTIALS_PROFILE_STS_WEB_ID_TOKEN", "web identity token of a profile"],
  ["CREDENTIALS_STS_ASSUME_ROLE_WEB_ID", "web identity token"],
  ["CREDENTIALS_STS_ASSUME_ROLE", "role assumed by a profile"],
  ["CREDENTIALS_LOGIN", "login of the AWS command line"],
  ["CREDENTIALS_PROFILE", "shared credentials file"],
  ["CREDENTIALS_HTTP", "container's credentials service"],
  ["CREDENTIALS_IMDS", "instance metadata service"],
];

/** Which link of the credentials chain answered; null where the SDK does not say. */
export function credentialsLink(identity: object): string | null {
  const marks = (identity as { $source?: Record<string, unknown> }).$source ?? {};
  return LINKS.find(([mark]) => mark in marks)?.[1] ?? null;
}
