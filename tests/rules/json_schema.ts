import { z } from "zod";
import type { FeatureDefinition } from "../../lib/model/feature.ts";
import { RULE_SCHEMA, SHARED_SCHEMA } from "../../lib/phase1/rule_schema.ts";
import { FEATURES, ROUTING_VARIABLES, type ValueType } from "../../lib/phase1/variables.ts";

/** What editors check a rule file with, and a `pack.yaml`; kept in `rules/` under these names. */
export const SCHEMA_FILES: Readonly<Record<string, () => object>> = {
  "rule.schema.json": ruleJsonSchema,
  "pack.schema.json": packJsonSchema,
};

/**
 * The JSON Schema (draft 2020-12) of one rule file, made of {@link RULE_SCHEMA}, so that an editor
 * completes keys, votes, tools and every feature of a test's row, and says what each one means.
 * What JSON Schema cannot say (expressions, names of cohorts, a vote of 0) is left to `loadPack()`.
 */
function ruleJsonSchema(): object {
  const schema = jsonSchema(RULE_SCHEMA, "A rule of shellscope: rules/README.md is its manual");
  const { tests } = schema.properties as { tests: { items: z.core.JSONSchema.BaseSchema } };
  const properties = Object.fromEntries(
    [...ROUTING_VARIABLES].map(([name, type]) => [name, cell(type, FEATURES[name])]),
  );
  tests.items.properties!["row"] = {
    description: "What is known of the subject; null, or left out: not measured.",
    type: "object",
    properties,
    additionalProperties: false,
  };
  return schema;
}

/** The same of a `pack.yaml`, made of {@link SHARED_SCHEMA}. */
function packJsonSchema(): object {
  return jsonSchema(SHARED_SCHEMA, "What the rules of a pack share: rules/README.md explains it");
}

function jsonSchema(of: z.ZodType, title: string): z.core.JSONSchema.BaseSchema {
  const { $schema, ...rest } = z.toJSONSchema(of, { io: "input", unrepresentable: "any" });
  return { ...($schema !== undefined && { $schema }), title, ...rest };
}

/** A value of a test's row, with what the feature's table says of it. */
function cell(
  type: ValueType,
  feature: FeatureDefinition | undefined,
): z.core.JSONSchema.BaseSchema {
  if (type === "labels") {
    return { type: "object", additionalProperties: { type: "string" } };
  }
  const unit = feature?.unit ? ` (${feature.unit})` : "";
  return {
    ...(feature && { description: `${feature.doc}${unit}` }),
    type: [type === "bool" ? "boolean" : type === "number" ? "number" : "string", "null"],
  };
}
