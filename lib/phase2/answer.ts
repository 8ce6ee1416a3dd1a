import { z } from "zod";
import { AGENT_MODELS } from "../model/agent_models.ts";
import { AGENT_TOOLS } from "../model/agent_tools.ts";
import { OPERATOR_TYPES, RISK_LEVELS, WORK_KINDS } from "../model/vocabulary.ts";
import { TECHNIQUES } from "./techniques.ts";

/** Characters of a reason; longer ones are rejected. */
const MAX_REASON = 400;
const MAX_QUOTE = 200;

/** What a model must answer: words of closed lists, a reason, and lines that show it. */
export const ANSWER_SCHEMA = z.strictObject({
  operator_type: z.enum(OPERATOR_TYPES),
  confidence: z.number().min(0).max(1),
  agent_tool: z.enum(AGENT_TOOLS as readonly [string, ...string[]]),
  agent_model: z.enum(AGENT_MODELS),
  work_kind: z.enum(WORK_KINDS),
  risk_level: z.enum(RISK_LEVELS),
  techniques: z.array(z.enum(TECHNIQUES)).max(12),
  reason: z.string().trim().min(1).max(MAX_REASON),
  evidence: z.array(z.strictObject({
    line: z.number().int().positive(),
    quote: z.string().min(1).max(MAX_QUOTE),
  })).min(1).max(12),
});

/** An answer as the model gave it: its quotes are content, and are dropped once checked. */
export type Answer = z.infer<typeof ANSWER_SCHEMA>;

/** The schema as JSON Schema, for servers that hold a model to it. */
export function answerJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(ANSWER_SCHEMA) as Record<string, unknown>;
}
