import { z } from "zod";
import type { MinuteOrSkip } from "../archive_source.ts";
import { minuteCalls } from "../minute_calls.ts";
import type { QueryRow } from "../query_engine.ts";

const skipRow = z.object({
  problem: z.string(),
  problem_day: z.string(),
  calls_total: z.number().int(),
});
const text = z.string().nullable();
const minuteRow = z.object({
  principal: z.string(),
  principal_type: text,
  user_agent: text,
  address: text,
  credential: text,
  invoked_by: text,
  console: z.boolean(),
  account: text,
  region: text,
  minute_ms: z.number().int(),
  user_name: text,
  issuer_arn: text,
  federated_provider: text,
  mfa: text,
  long_lived_key: text,
  issued: text,
  calls_total: z.number().int(),
  copies: z.number().int(),
  calls: z.string(),
});

/** The columns of `minutes.sql` that are read. */
export const MINUTE_COLUMNS: readonly string[] = [
  ...["problem", "problem_day", ...Object.keys(minuteRow.shape)],
];

/** A row of `minutes.sql`; `source` is what its skips are told of, with their day as detail. */
export function minuteOfRow(row: QueryRow, source: string): MinuteOrSkip {
  if (row.problem !== null) {
    const { problem, problem_day, calls_total: count } = skipRow.parse(row);
    const day = problem_day.replaceAll("/", "-");
    return { skip: { uri: source, reason: problem, detail: problem_day, count, day } };
  }
  const parsed = minuteRow.parse(row);
  const calls = minuteCalls(parsed.calls, 1);
  return {
    copies: parsed.copies,
    minute: {
      substrate: "aws-cloudtrail",
      principal: {
        name: parsed.principal,
        type: parsed.principal_type,
        userName: parsed.user_name,
        issuerArn: parsed.issuer_arn,
        federatedProvider: parsed.federated_provider,
        mfa: flag(parsed.mfa),
        longLivedKey: flag(parsed.long_lived_key),
        ...{ delegations: null, delegator: null },
      },
      userAgent: parsed.user_agent || null,
      address: parsed.address || null,
      invokedBy: parsed.invoked_by,
      console: parsed.console,
      scope: parsed.account,
      target: [parsed.account, parsed.region].filter((part) => part !== null).join("/") || null,
      credential: parsed.credential,
      issued: parsed.issued === null || parsed.issued === "" ? [] : parsed.issued.split(","),
      minuteMs: parsed.minute_ms,
      calls,
      callsOmitted: parsed.calls_total - calls.length,
      resolutionMs: 1000,
    },
  };
}

function flag(value: string | null): boolean | null {
  return value === "true" ? true : value === "false" ? false : null;
}
