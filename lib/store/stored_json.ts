import { z } from "zod";
import { AGENT_MODELS } from "../model/agent_models.ts";
import { AGENT_TOOLS } from "../model/agent_tools.ts";
import { MAX_MINUTE_CALLS } from "../model/call_minute.ts";
import { StoreError } from "../model/errors.ts";
import { GAP_BUCKETS, RHYTHM_BINS } from "../model/pty_features.ts";
import { DRIVER_CLASSES, OPERATOR_TYPES, RISK_LEVELS, WORK_KINDS } from "../model/vocabulary.ts";
import type { Store } from "./store.ts";

const count = z.int().nonnegative();
/** The same as an array of counts, at a tenth of the cost: a rhythm has thousands. */
const counts = (most: number) =>
  z.custom<number[]>((value) =>
    Array.isArray(value) && value.length <= most &&
    value.every((each) => Number.isSafeInteger(each) && each >= 0)
  );
const text = z.string().nullable();
const flag = z.boolean().nullable();
const numbers = z.record(z.string(), z.number());
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const offsetMs = z.int().min(0).max(59_999);

const agent = z.object({
  ...{ tool: z.string(), version: text, command: text, interactive: flag, fromScript: flag },
  ...{ environment: text, agent: text, agentVersion: text, mcpServer: text, mcpTool: text },
  ...{ attackTool: text, os: text, marks: text },
});

/**
 * What the JSON of each column is, by table and column: what was written by this version of the
 * schema. A store may come from elsewhere, so that it is held against this when it is read.
 */
export const STORED_JSON = {
  "pty_rhythm.events": counts(RHYTHM_BINS),
  "pty_rhythm.bytes": counts(RHYTHM_BINS),
  "pty_rhythm.gap_histogram": counts(GAP_BUCKETS),
  "verdicts.distribution": z.record(z.enum(DRIVER_CLASSES), z.number().min(0).max(1)),
  "verdicts.evidence": z.array(z.union([z.string(), z.number()])),
  "rule_hits.votes": z.strictObject({
    weights: z.partialRecord(z.enum(DRIVER_CLASSES), z.number()).optional(),
    cohort: z.string().optional(),
    routing: z.object({ phase2: z.string(), reason: z.string() }).optional(),
    tools: numbers.optional(),
    models: numbers.optional(),
  }),
  "rule_hits.features": z.record(z.string(), scalar),
  "rule_hits.missing": z.array(z.string()),
  "llm_answers.finding": z.object({
    ...{ operator_type: z.enum(OPERATOR_TYPES), confidence: z.number().min(0).max(1) },
    agent_tool: z.enum(AGENT_TOOLS as readonly [string, ...string[]]),
    agent_model: z.enum(AGENT_MODELS),
    ...{ work_kind: z.enum(WORK_KINDS), risk_level: z.enum(RISK_LEVELS) },
    ...{ techniques: z.array(z.string().regex(/^[A-Z0-9.]{1,20}$/)), reason: z.string().max(4000) },
    lines: z.array(count),
  }),
  "llm_digests.redacted": numbers,
  "call_minutes.calls": z.array(
    z.tuple([offsetMs, z.string(), z.string(), text, text, text, count]),
  ).max(MAX_MINUTE_CALLS),
  "call_minutes.facts": z.object({
    agents: z.array(agent),
    addresses: z.array(z.string()),
    credentials: z.array(z.string()),
    issued: z.array(z.tuple([text, z.string()])),
    ...{ principalType: z.string(), userKind: text, person: text, delegations: count.nullable() },
    ...{ delegator: text, longLivedKey: flag, mfa: flag, console: z.boolean() },
  }),
  "called_commands.commands": z.array(z.tuple([z.string(), z.array(offsetMs)])),
  "correlations.evidence": z.object({
    gapSeconds: z.number(),
    nested: z.object({ matched: z.number(), of: z.number() }).nullable(),
    ...{ driver: z.number().nullable(), address: z.number().nullable() },
    ...{ tool: z.number().nullable(), vouched: z.boolean() },
  }),
  // null: not a finite number
  "contradictions.evidence": z.record(z.string(), z.number().nullable()),
  "runs.summary": z.record(z.string(), z.union([z.string(), z.number()])),
} as const;

/** A column that holds JSON, as `table.column`. */
export type JsonColumn = keyof typeof STORED_JSON;

/** Whether a text is what such a column holds. */
export function isStoredJson(column: JsonColumn, json: string): boolean {
  return parsed(column, json) !== undefined;
}

/**
 * The value of a column of JSON. Throws a {@link StoreError} that names table and column where it is
 * not what shellscope writes there.
 */
export function storedJson<T>(store: Store, column: JsonColumn, json: unknown): T {
  const value = parsed(column, String(json));
  if (value !== undefined) return value as T;
  const [table, name] = column.split(".");
  throw new StoreError(
    `Store "${store.path}" can't be read: column "${name}" of its table "${table}" holds what ` +
      "shellscope never writes; ask where the file comes from, or make the store anew",
  );
}

function parsed(column: JsonColumn, json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    const fits = STORED_JSON[column].safeParse(value).success;
    // zod passes this one key of a record over
    return fits && !Object.hasOwn(value as object, "__proto__") ? value : undefined;
  } catch {
    return undefined;
  }
}
