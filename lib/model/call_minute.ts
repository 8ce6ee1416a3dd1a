import type { Substrate } from "./vocabulary.ts";

/**
 * API calls on their way from a log to sessions: what a query gives ({@link RawMinute}, in memory
 * only) and what the store keeps ({@link CallMinute}).
 */

/** Where API calls are read from; sessions made of them may be named closer. */
export const API_SUBSTRATES = ["gcp-cloud-audit", "aws-cloudtrail"] as const satisfies Substrate[];
export type ApiSubstrate = (typeof API_SUBSTRATES)[number];

/** What became of a call: the classes that codes of both clouds are folded to. */
const CALL_OUTCOMES = [
  ...["ok", "denied", "not-found", "invalid", "exists", "throttled", "failed"] as const,
];
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** Calls that one minute row holds; those beyond are only counted. */
export const MAX_MINUTE_CALLS = 1000;

/** A call as a query gives it. Names and payloads of resources have not left the query. */
export interface RawCall {
  /** Milliseconds from the begin of the minute: 0 to 59,999. */
  offsetMs: number;
  /** Service and method with a slash: `compute.googleapis.com/v1.compute.instances.get`. */
  method: string;
  /** `status.code` of GCP as decimal text, `errorCode` of CloudTrail; null: it succeeded. */
  code: string | null;
  /** False where the log says that a permission was not granted; null: it does not say. */
  granted: boolean | null;
  /** Groups the calls of one command: gcloud's invocation id, the AWS CLI's session id. */
  invocation: string | null;
  /** Collection or type of the resource: `instances`, `AWS::S3::Bucket`. */
  resourceKind: string | null;
  /** Keyed hash of the resource's name, made inside the query. */
  resourceHash: string | null;
  /** Hash of the entry's id, made inside the query: copies of an entry have the same. */
  id: string;
}

/** Who acts, as the log spells it; which fields are filled depends on the cloud. */
export interface RawPrincipal {
  /** GCP: e-mail or subject. AWS: the ARN, else the principal id or the invoking service. */
  name: string;
  /** AWS: `userIdentity.type`. */
  type: string | null;
  /** AWS: user name, ARN of the role behind an assumed one. */
  userName: string | null;
  issuerArn: string | null;
  /** AWS: `webIdFederationData.federatedProvider`. */
  federatedProvider: string | null;
  /** AWS: `mfaAuthenticated`. */
  mfa: boolean | null;
  /** A key that does not expire: AWS `AKIA…`, GCP `serviceAccountKeyName`. */
  longLivedKey: boolean | null;
  /** GCP: steps of `serviceAccountDelegationInfo`; AWS: null, chains are followed key to key. */
  delegations: number | null;
  /** GCP: the first-party principal that the delegations began with. */
  delegator: string | null;
}

/**
 * One group of calls out of a query: the calls of one minute by one principal through one software
 * from one address with one credential. Its texts are hostile, and it is never stored.
 */
export interface RawMinute {
  substrate: ApiSubstrate;
  principal: RawPrincipal;
  /** As sent, without its invocation id; bounded by the query to 2,048 characters. */
  userAgent: string | null;
  /** Address, `private`, or the name of a service. */
  address: string | null;
  /** AWS: the service that acted on the principal's behalf. */
  invokedBy: string | null;
  /** AWS: the calls were made with a credential of the console. */
  console: boolean;
  /** Organisation or project; account. */
  scope: string | null;
  /** Project; account and region. */
  target: string | null;
  /** Keyed hash of the credential's id. */
  credential: string | null;
  /** Keyed hashes of credentials that these calls handed out. */
  issued: string[];
  /** Begin of the minute, in milliseconds since 1970; a multiple of 60,000. */
  minuteMs: number;
  /** In order of time; at most {@link MAX_MINUTE_CALLS}. */
  calls: RawCall[];
  callsOmitted: number;
  /** 1 for GCP, 1000 for CloudTrail. */
  resolutionMs: number;
}

/**
 * A stored call: offset in ms, service and method, outcome, invocation, kind and keyed hash of the
 * resource, and which of the minute's agents made it (an index into {@link MinuteFacts.agents}).
 */
export type StoredCall = [
  offsetMs: number,
  method: string,
  outcome: CallOutcome,
  invocation: string | null,
  resourceKind: string | null,
  resourceHash: string | null,
  agent: number,
];

/** What a user agent said, in names from closed lists and bounded tokens. */
export interface AgentFacts {
  /** `gcloud`, `aws-cli`, `terraform`, `console`, … */
  tool: string;
  version: string | null;
  /** Canonical sub-command: `gcloud.compute.instances.list`. */
  command: string | null;
  interactive: boolean | null;
  fromScript: boolean | null;
  /** `devshell`, `CloudShell`, `AWS_Lambda_python3.12`, … */
  environment: string | null;
  /** The agent's name in the one table of tools, where the user agent names one. */
  agent: string | null;
  agentVersion: string | null;
  mcpServer: string | null;
  mcpTool: string | null;
  /** An attack tool's marker, whatever else the user agent says. */
  attackTool: string | null;
  os: string | null;
  /** Unknown credential and feature marks, kept as they are. */
  marks: string | null;
}

/** What holds for all calls of a minute row. */
export interface MinuteFacts {
  /** In order of first use; at most 64. */
  agents: AgentFacts[];
  /** Addresses; at most 64. */
  addresses: string[];
  /** Keyed hashes of credentials used; at most 64. */
  credentials: string[];
  /** Keyed hashes of credentials handed out, each behind the one it was asked for with; at most 1,000. */
  issued: (readonly [used: string | null, issued: string])[];
  /** See `features/principals`. */
  principalType: string;
  userKind: string | null;
  /** The person behind a federated identity or role, where it names one. */
  person: string | null;
  delegations: number | null;
  delegator: string | null;
  longLivedKey: boolean | null;
  mfa: boolean | null;
  console: boolean;
}

/**
 * A row of `call_minutes`: the calls of a principal through one driver in one minute, from one
 * source. Counts and features all derive from it.
 */
export interface CallMinute {
  substrate: ApiSubstrate;
  /** Who acts, as the log spells it. */
  principal: string;
  /** Family of the software, and its address where that is a part of it. */
  driver: string;
  /** Begin of the minute, in milliseconds since 1970. */
  minuteMs: number;
  /** Organisation or project; account. */
  scope: string | null;
  /** Project; account and region. */
  target: string | null;
  /** In order of time; at most {@link MAX_MINUTE_CALLS}. */
  calls: StoredCall[];
  /** Calls of the minute beyond these: only counted. */
  callsOmitted: number;
  /** What the log's times are rounded to: 1 for GCP, 1000 for CloudTrail. */
  resolutionMs: number;
  facts: MinuteFacts;
}
