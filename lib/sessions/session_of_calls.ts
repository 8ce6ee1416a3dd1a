import { ApiCallFeatures, type ApiCallMeasures } from "../features/api_calls/api_call_features.ts";
import { Tally } from "../features/api_calls/tally.ts";
import { type PipelineName, pipelineName } from "../features/principals/pipeline_name.ts";
import type { CallFeatures } from "../model/call_features.ts";
import type { CallMinute, MinuteFacts } from "../model/call_minute.ts";
import { sideOf } from "../model/identity.ts";
import { toLabelValue } from "../model/label.ts";
import type { SessionRow } from "../model/session.ts";
import type { Substrate } from "../model/vocabulary.ts";
import type { ApiSession } from "./synthesise.ts";

/** A credential that was used, and one that was handed out with it; keyed hashes, "" for none. */
type CredentialUse = readonly [used: string, issued: string];

/** What the rows of a session, or of several side by side, say together. */
export interface DescribedCalls {
  features: CallFeatures;
  edges: ApiCallMeasures["edges"];
  labels: Record<string, string>;
  substrate: Substrate;
  scope: string | null;
  target: string | null;
  userKind: string | null;
  credentials: CredentialUse[];
}

/** Changes when the same rows would be described otherwise: then all sessions are described anew. */
export const MEASURES_VERSION = 4;

/** Credentials that are followed of one session. */
const MAX_CREDENTIALS = 10_000;

/** Reads minute rows in order into what is stored of their session; in bounded memory. */
export class SessionOfCalls {
  readonly #features: ApiCallFeatures;
  readonly #scopes = new Tally();
  readonly #targets = new Tally();
  readonly #credentials = new Map<string, CredentialUse>();
  #first: CallMinute | null = null;
  #facts: Pick<MinuteFacts, "principalType" | "userKind" | "person" | "delegator"> | null = null;

  /** `foldMs`: calls so close are one command. */
  constructor(options: { foldMs: number }) {
    this.#features = new ApiCallFeatures(options);
  }

  /** Takes the rows of one minute, of one principal. */
  addMinute(rows: readonly CallMinute[]): void {
    this.#features.addMinute(rows);
    for (const row of rows) {
      this.#first ??= row;
      const calls = row.calls.length + row.callsOmitted;
      if (row.scope !== null) this.#scopes.add(row.scope, calls);
      if (row.target !== null) this.#targets.add(row.target, calls);
      this.#addFacts(row.facts);
      for (const used of row.facts.credentials) this.#addCredential([used, ""]);
      for (const [used, issued] of row.facts.issued) this.#addCredential([used ?? "", issued]);
    }
  }

  /** Throws a `RangeError` where there was no row. */
  finish(): DescribedCalls {
    const first = this.#first;
    const facts = this.#facts;
    if (first === null || facts === null) throw new RangeError("A session needs a minute row");
    const { features, names, edges, standsAlone } = this.#features.finish();
    const cloud = sideOf(first.substrate);
    // of AWS no more is known until its chains are followed
    const depth = cloud === "gcp"
      ? features.call_impersonation_depth
      : features.call_long_lived_key
      ? 0
      : null;
    const substrate = standsAlone ?? first.substrate;
    return {
      features: { ...features, call_impersonation_depth: depth },
      edges,
      labels: {
        "substrate.kind": substrate,
        ...labelsOf({
          [`${cloud}.principal.type`]: facts.principalType,
          [`${cloud}.principal.person`]: facts.person,
          ...(facts.principalType === "ci-oidc" &&
            pipelineLabels(`${cloud}.ci`, pipelineName(first.principal))),
          [`${cloud}.ua.tool`]: names.tool,
          [`${cloud}.ua.agent`]: names.agent,
          [`${cloud}.ua.mcp-server`]: names.mcpServer,
          [`${cloud}.ua.attack-tool`]: names.attackTool,
          [`${cloud}.ua.environment`]: names.environment,
          [`${cloud}.ua.marks`]: names.marks,
          [`${cloud}.impersonation.depth`]: depth === null ? null : String(depth),
          [`${cloud}.chain.origin`]: facts.delegator,
          [`${cloud}.session.synthesised`]: "true",
        }),
      },
      substrate,
      scope: this.#scopes.commonest(),
      target: this.#targets.commonest(),
      userKind: facts.userKind,
      credentials: [...this.#credentials.values()],
    };
  }

  #addFacts({ principalType, userKind, person, delegator }: MinuteFacts): void {
    const known = this.#facts;
    this.#facts = {
      principalType: least(known?.principalType, principalType) ?? principalType,
      userKind: least(known?.userKind, userKind),
      person: least(known?.person, person),
      delegator: least(known?.delegator, delegator),
    };
  }

  #addCredential(use: CredentialUse): void {
    if (this.#credentials.size < MAX_CREDENTIALS) this.#credentials.set(use.join(" "), use);
  }
}

/** The row of a session, as the store keeps it. */
export function sessionRow(session: ApiSession, described: DescribedCalls): SessionRow {
  const { principal, driver, startedMs, endedMs } = session;
  const { substrate, scope, target, userKind } = described;
  return {
    session_id: session.id,
    ...{ substrate, kind: "api", principal, target, scope, driver },
    login: substrate === "gcp-os-login" ? osLoginName(principal) : null,
    user_kind: userKind,
    started_at: new Date(startedMs).toISOString(),
    ended_at: new Date(endedMs).toISOString(),
    duration_seconds: (endedMs - startedMs) / 1000,
    ...{ uploaded_at: null, no_recording: null },
  };
}

/** The Linux user that OS Login makes of a principal (facts/gcp.md). */
export function osLoginName(principal: string): string {
  return principal.replace(/[@.]/g, "_").toLowerCase().slice(0, 32);
}

/** Where a pipeline runs, under two keys. */
export function pipelineLabels(
  prefix: string,
  { repository, workflow }: PipelineName,
): Record<string, string | null> {
  return { [`${prefix}.repository`]: repository, [`${prefix}.workflow`]: workflow };
}

/** Names as values of labels; what is not known, or has no letter that a label takes, is left out. */
export function labelsOf(names: Readonly<Record<string, string | null>>): Record<string, string> {
  const values = Object.entries(names).map(([key, name]) => [key, toLabelValue(name ?? "")]);
  return Object.fromEntries(values.filter(([, value]) => value !== ""));
}

function least(a: string | null | undefined, b: string | null): string | null {
  if (a === null || a === undefined) return b;
  return b === null || a <= b ? a : b;
}
