import { z } from "zod";
import { AGENT_MODELS } from "../model/agent_models.ts";
import { AGENT_TOOLS } from "../model/agent_tools.ts";
import { DRIVER_CLASSES } from "../model/vocabulary.ts";

/** Heaviest vote a rule may cast, in log-odds: odds of 55 to 1. */
export const MAX_WEIGHT = 4;

const name = z.string().regex(
  /^[a-z][a-z0-9_]{0,62}$/,
  "a name has small letters, digits and _, and begins with a letter",
);
const slug = z.string().regex(
  /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
  "an id has small letters and digits, joined by -",
).max(63);
const prose = z.string().trim().min(1).max(4000);
const expression = z.union([z.string().min(1), z.boolean().transform(String)]);
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const parameter = z.union([
  z.number(),
  z.strictObject({
    value: z.number(),
    /** Range a sweep may try. */
    min: z.number().optional(),
    max: z.number().optional(),
    doc: prose.optional(),
  }),
]);

const weight = z.number().min(-MAX_WEIGHT).max(MAX_WEIGHT).refine((w) => w !== 0, "0 is no vote");

const vote = z.union([
  z.strictObject({ class: z.enum(DRIVER_CLASSES), weight }),
  z.strictObject({ tool: z.enum(AGENT_TOOLS).exclude(["unknown"]), weight }),
  z.strictObject({ model: z.enum(AGENT_MODELS).exclude(["unknown"]), weight }),
  /** The tool that a text names, in any spelling of the table of tools. */
  z.strictObject({ toolIn: expression, weight }),
  z.strictObject({ cohort: slug }),
  z.strictObject({ routing: z.enum(["pty", "call-graph"]), reason: slug }),
]);

/** What a test of a rule expects of it. */
export const TEST_EXPECTATIONS = ["fires", "silent", "abstains"] as const;
/** One of {@link TEST_EXPECTATIONS}. */
export type TestExpectation = (typeof TEST_EXPECTATIONS)[number];

const ruleTest = z.strictObject({
  name: prose.optional(),
  row: z.record(name, z.union([cell, z.record(z.string(), z.string())])),
  expect: z.enum(TEST_EXPECTATIONS),
});

/** One rule file. */
export const RULE_SCHEMA = z.strictObject({
  id: slug.describe("The file's name without its ending; never used again for something else."),
  title: prose.describe("What is seen, in one line."),
  status: z.enum(["experimental", "test", "stable"]).describe("How far you trust it."),
  applies: expression.describe("CEL: is this rule about this row at all? Missing values: no."),
  when: expression.describe("CEL: does it vote? Where a value is missing, it abstains."),
  params: z.record(name, parameter).default({})
    .describe("Thresholds by name, read as params.name; min and max are the range of a sweep."),
  votes: z.array(vote).min(1).max(6)
    .describe("Classes with weights in log-odds, or tools and models, or one cohort or routing."),
  why: prose.describe("What makes this evidence."),
  falsePositives: z.array(prose).min(1).describe("What fires it and should not."),
  references: z.array(prose).default([]).describe("Where the fact stands."),
  tests: z.array(ruleTest).min(1).max(50)
    .describe("At least one that fires, one that is silent and one that abstains."),
});
/** A rule as its YAML has it. */
export type RuleFile = z.infer<typeof RULE_SCHEMA>;

const probability = z.number().gt(0).lt(1);

/** How a score becomes a probability; `rules/README.md` says what each means. */
const calibration = z.union([
  z.strictObject({
    kind: z.literal("temperature"),
    value: z.number().min(0.1).max(20),
    fitted: prose.optional(),
  }),
  z.strictObject({
    kind: z.literal("points"),
    points: z.array(z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)])).min(2).max(50),
    fitted: prose.optional(),
  }),
]);
/** How a score becomes a probability: a temperature, or points of a curve. */
export type Calibration = z.infer<typeof calibration>;

/** What the rules of a pack share: `pack.yaml`, one in any folder of the pack. */
export const SHARED_SCHEMA = z.strictObject({
  prior: z.strictObject({ human: probability, agent: probability, automation: probability })
    .optional().describe("What is expected before any evidence; adds up to 1."),
  margin: z.number().min(0).lt(1).optional()
    .describe("By how much the best class must lead; else the verdict is unknown."),
  calibration: calibration.optional(),
  /** Names and meanings, the one that wins first. */
  cohorts: z.record(slug, prose).optional(),
  reasons: z.record(slug, prose).optional(),
  params: z.record(name, parameter).optional(),
  lists: z.record(
    name,
    z.union([z.array(z.string()).min(1).max(500), z.array(z.number()).min(1).max(500)]),
  ).optional(),
  macros: z.record(name, expression).optional(),
});
export type SharedFile = z.infer<typeof SHARED_SCHEMA>;
