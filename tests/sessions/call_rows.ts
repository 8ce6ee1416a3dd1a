import type { CallMinute, CallOutcome, RawMinute } from "../../lib/model/call_minute.ts";
import { foldMinutes } from "../../lib/sessions/fold_minutes.ts";
import { rawMinute } from "./raw_minute.ts";

/** A call for tests: seconds since 1970, and what is unusual about it. */
export interface TestCall {
  at: number;
  method?: string;
  outcome?: Extract<CallOutcome, "ok" | "denied" | "not-found" | "throttled">;
  command?: string;
  resource?: string;
}

const CODES = { ok: null, denied: "7", "not-found": "5", throttled: "8" } as const;
const MINUTE = 60;

/** Raw minutes of calls in any order, by one principal through one driver. */
export function rawMinutes(
  calls: readonly TestCall[],
  rest: Partial<Parameters<typeof rawMinute>[0]> = {},
): RawMinute[] {
  return [...Map.groupBy(calls, ({ at }) => Math.floor(at / MINUTE))].map(([minute, own]) => ({
    ...rawMinute({ ...rest, minuteMs: minute * MINUTE * 1000, offsets: [] }),
    calls: own.map(({ at, method, outcome = "ok", command, resource }) => ({
      offsetMs: Math.round((at - minute * MINUTE) * 1000),
      method: method ?? "compute.googleapis.com/v1.compute.instances.list",
      ...{ code: CODES[outcome], granted: null, invocation: command ?? null },
      ...{ resourceKind: null, resourceHash: resource ?? null, id: "1" },
    })),
  }));
}

/** The same, folded, in order of time. */
export function callRows(...args: Parameters<typeof rawMinutes>): CallMinute[] {
  return foldMinutes(rawMinutes(...args), {}).sort((a, b) => a.minuteMs - b.minuteMs);
}
