import { configSchema } from "../../lib/config/config.ts";
import { OPERATOR_TYPES } from "../../lib/model/vocabulary.ts";
import { fixturesConfig, OWN_RULES } from "../../lib/pipeline/own_files.ts";
import { runPipeline } from "../../lib/pipeline/run.ts";
import { type ChatReply, rightAnswer, serveLlm } from "../phase2/llm_server.ts";

const KEY_ENV = "SHELLSCOPE_TEST_KEY";

/** What a model says of its `n`th request: mostly something, at times nothing that can be taken. */
function answerTo(request: Parameters<typeof rightAnswer>[0], n: number): ChatReply {
  if (n % 11 === 3) return { refusal: "I can't help with that" };
  if (n % 11 === 5) return { answer: "This looks like a person to me" };
  if (n % 11 === 7) return { answer: { operator_type: "robot" } };
  const quoted = { evidence: [{ line: 1, quote: "what nobody ever typed" }] };
  return {
    answer: rightAnswer(request, {
      operator_type: OPERATOR_TYPES[n % 4],
      confidence: 0.5 + (n % 5) / 10,
      ...(n % 11 === 9 && quoted),
    }),
  };
}

/**
 * Makes a store of some of the fixtures whose routed sessions a model on this machine has judged, and a
 * configuration that names both; nothing of it answers any more.
 */
export async function makePhase2Store(
  folder: string,
  now: Date,
): Promise<{ store: string; config: string; requests: number }> {
  const store = `${folder}/s.sqlite`;
  // one request after the other: the same session gets the same answer at every run
  await using server = serveLlm(answerTo);
  const phase2 = {
    ...{ baseURL: server.baseURL, apiKeyEnv: KEY_ENV, model: "test-model", concurrency: 1 },
    ...{ price: { input: 1, output: 4 }, budget: 20, maxPerSession: 0.5 },
  };
  // JSON is YAML too
  const config = `${folder}/shellscope.yaml`;
  await Deno.writeTextFile(config, JSON.stringify({ store, phase2 }));
  const fixtures = fixturesConfig(store);
  const of = (kind: string) => fixtures.sources.find((source) => source.kind === kind)!;
  Deno.env.set(KEY_ENV, "secret-key-of-the-test");
  try {
    await runPipeline(
      {
        ...fixtures,
        sources: [of("teleport"), of("aws")],
        phase2: configSchema.parse({ phase2 }).phase2,
      },
      { rules: OWN_RULES, now: () => now },
    );
  } finally {
    Deno.env.delete(KEY_ENV);
  }
  return { store, config, requests: server.requests.length };
}
