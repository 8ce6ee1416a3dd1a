import type { RawMinute } from "../../lib/model/call_minute.ts";

/** A raw minute for tests: calls at the offsets, by Ana through curl unless told otherwise. */
export function rawMinute(
  {
    minuteMs,
    offsets,
    name = "ana@example.com",
    method = "compute.googleapis.com/instances.get",
    ...rest
  }:
    & { minuteMs: number; offsets: readonly number[]; name?: string; method?: string }
    & Partial<Omit<RawMinute, "principal" | "calls" | "minuteMs">>,
): RawMinute {
  return {
    substrate: "gcp-cloud-audit",
    principal: {
      ...{ name, type: null, userName: null, issuerArn: null },
      ...{ federatedProvider: null, mfa: null, longLivedKey: null },
      ...{ delegations: null, delegator: null },
    },
    ...{ userAgent: "curl/8.0", address: "203.0.113.7", invokedBy: null, console: false },
    ...{ scope: null, target: null, credential: null, issued: [], minuteMs },
    calls: offsets.map((offsetMs) => ({
      ...{ offsetMs, method, code: null, granted: null, invocation: null },
      ...{ resourceKind: null, resourceHash: null, id: "1" },
    })),
    ...{ callsOmitted: 0, resolutionMs: 1, ...rest },
  };
}
