import assert from "node:assert/strict";
import { configSchema } from "../../../lib/config/config.ts";
import { formatCost } from "../../../lib/phase2/price.ts";
import { loadPrompt, promptTokens } from "../../../lib/phase2/prompt.ts";
import { formatVolume, Phase2Meter } from "../../../lib/pipeline/phase2/phase2_volume.ts";

const PROMPT = await loadPrompt();
const [BESIDE, BESIDE_CALLS] = [promptTokens(PROMPT, "pty"), promptTokens(PROMPT, "call-graph")];

const { phase2 } = configSchema.parse({
  phase2: {
    ...{ baseURL: "http://127.0.0.1/v1", apiKeyEnv: "KEY", model: "m", concurrency: 1 },
    ...{ price: { input: 1, output: 4 }, budget: 0.05, maxPerSession: 0.04 },
  },
});

function filled(config: typeof phase2): Phase2Meter {
  const meter = new Phase2Meter(config, PROMPT);
  meter.add({ phase2: "pty", reason: "undecided" }, { pty_bytes: 30_000 });
  meter.add({ phase2: "pty", reason: "undecided" }, { pty_bytes: 900_000_000 });
  meter.add({ phase2: "call-graph", reason: "no-vote" }, { call_calls: 100, pty_bytes: null });
  meter.add({ phase2: "none", reason: null }, { pty_bytes: 5 });
  return meter;
}

Deno.test("Phase2Meter adds up tokens of what is routed, bounded for each, and their price", () => {
  const volume = filled(phase2).total();
  assert.deepEqual(volume.routes, { pty: 2, "call-graph": 1 });
  assert.deepEqual(volume.reasons, { undecided: 2, "no-vote": 1 });
  // one window, two, one
  assert.equal(volume.tokensIn, 3 * BESIDE + BESIDE_CALLS + 10_000 + 24_000 + 2500);
  assert.equal(volume.tokensOut, 4 * 2000);
  assert.equal(volume.cost, (volume.tokensIn + 4 * volume.tokensOut) / 1e6);
  assert.equal(volume.tooDear, 1);
});

Deno.test("formatVolume() says what it costs, what is over the budget, and which price is assumed", () => {
  const tokens = filled(phase2).total().tokensIn.toLocaleString("en");
  assert.deepEqual(formatVolume(filled(phase2).total()), [
    `3 to read (2 pty, 1 call-graph), about ${tokens} tokens in and at most 8,000 out`,
    "undecided  2",
    "no-vote    1",
    "at most about 0.08 of a budget of 0.05",
    "that is over the budget: phase 2 would stop there",
    "1 of them alone cost more than maxPerSession",
  ]);
  assert.deepEqual(formatVolume(filled(undefined).total()).slice(-2), [
    "at most about 0.08, at an assumed 1 in and 4 out for a million tokens",
    "nothing was sent: the configuration names no model under phase2",
  ]);
  assert.deepEqual(formatVolume(new Phase2Meter(phase2, PROMPT).total()), ["nothing to read"]);
});

Deno.test("formatCost() never says that little costs nothing", () => {
  assert.equal(formatCost(0.0015, null), "at most about 0.0015");
  assert.equal(formatCost(1.284, null), "at most about 1.28");
});
