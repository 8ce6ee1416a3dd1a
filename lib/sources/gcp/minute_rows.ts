import { z } from "zod";
import type { MinuteOrSkip } from "../archive_source.ts";
import { minuteCalls } from "../minute_calls.ts";
import type { QueryRow } from "../query_engine.ts";

const US_PER_MS = 1000;

const skipRow = z.object({
  reason: z.string().min(1),
  origin: z.string(),
  calls_total: z.number().int(),
});
const minuteRow = z.object({
  principal: z.string(),
  user_agent: z.string(),
  address: z.string(),
  scope: z.string(),
  credential: z.string(),
  delegations: z.number().int(),
  delegator: z.string(),
  minute_ms: z.number().int(),
  target: z.string().nullable(),
  calls_total: z.number().int(),
  copies: z.number().int(),
  calls: z.string(),
});

/** The columns of `minutes.sql` that are read. */
export const MINUTE_COLUMNS: readonly string[] = [
  "reason",
  "origin",
  ...Object.keys(minuteRow.shape),
];

/** A row of `minutes.sql`; `source` is what a skip without a file is told of. */
export function minuteOfRow(row: QueryRow, source: string): MinuteOrSkip {
  if (row.reason !== "") {
    const { reason, origin, calls_total: count } = skipRow.parse(row);
    return { skip: { uri: origin || source, reason, detail: null, count } };
  }
  const parsed = minuteRow.parse(row);
  const calls = minuteCalls(parsed.calls, US_PER_MS);
  return {
    copies: parsed.copies,
    minute: {
      substrate: "gcp-cloud-audit",
      principal: {
        name: parsed.principal,
        ...{ type: null, userName: null, issuerArn: null },
        ...{ federatedProvider: null, mfa: null },
        longLivedKey: parsed.credential !== "",
        delegations: parsed.delegations,
        delegator: parsed.delegator || null,
      },
      userAgent: parsed.user_agent || null,
      address: parsed.address || null,
      invokedBy: null,
      console: false,
      scope: parsed.scope || null,
      target: parsed.target || null,
      credential: parsed.credential || null,
      issued: [],
      minuteMs: parsed.minute_ms,
      calls,
      callsOmitted: parsed.calls_total - calls.length,
      resolutionMs: 1,
    },
  };
}
