import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MARKER } from "../../fixtures/generate/marker.ts";
import type { ModelComparison } from "../../lib/pipeline/phase2/compare_models.ts";
import { openStore } from "../../lib/store/store.ts";
import { readVerdicts } from "../../lib/store/verdicts.ts";
import { type ChatRequest, rightAnswer, serveLlm } from "../phase2/llm_server.ts";
import { jsonLines, shellscope, shellscopeOnTerminal } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));
const KEY_ENV = "SHELLSCOPE_TEST_KEY";

/** A configuration over some fixtures, with a model behind `baseURL`. */
async function configured(folder: string, baseURL: string, more = ""): Promise<string> {
  const file = join(folder, "shellscope.yaml");
  await Deno.writeTextFile(
    file,
    `store: ./s.sqlite
sources:
  - { kind: recordings, folder: "${FIXTURES}/casts" }
  - { kind: aws, archive: "${FIXTURES}/aws" }
phase2: { baseURL: "${baseURL}", apiKeyEnv: ${KEY_ENV}, model: test-model, price: { input: 1, output: 4 }, budget: 20, maxPerSession: 0.5, concurrency: 4 ${more} }
`,
  );
  return file;
}

Deno.test("classify --phase 2 shows what it would send, sends it once, and stores no text of it", async () => {
  using folder = temporaryFolder();
  await using server = serveLlm((request) => ({ answer: rightAnswer(request) }));
  const config = await configured(folder.path, server.baseURL);
  Deno.env.set(KEY_ENV, "secret-key-of-the-test");
  try {
    const ran = await shellscope("run", "--no-phase2", "--config", config, "--out", folder.path);
    assert.equal(server.requests.length, 0, ran.err);
    const dry = await shellscope("classify", "--phase", "2", "--dry-run", "--config", config);
    assert.equal(dry.status, 0, dry.err);
    const shown = jsonLines(dry.out) as unknown as ({ subject_id: string } & ChatRequest)[];
    assert.ok(shown.length > 3, `${shown.length} requests`);
    assert.match(dry.err, /nothing was sent/);
    assert.equal(server.requests.length, 0);

    const asked = await shellscope("classify", "--phase", "2", "--config", config);
    assert.equal(asked.status, 0, asked.err);
    assert.match(asked.err, /sessions judged by the model, 0\.\d+ spent/);
    assert.ok(!asked.err.includes("asked about"), "progress that no terminal shows");
    const sent = server.requests.length;
    assert.equal(sent, shown.length);
    const excerpts = (requests: readonly ChatRequest[]) =>
      requests.map(({ messages }) => messages[1]!.content.replace(/excerpt [0-9a-f]{32}/g, ""))
        .sort();
    assert.deepEqual(excerpts(server.requests), excerpts(shown));
    assert.equal(new Set(server.requests.map(({ messages }) => markerOf(messages))).size, sent);

    const again = await shellscope("classify", "--phase", "2", "--config", config);
    assert.equal(server.requests.length, sent, again.err);

    using store = openStore(join(folder.path, "s.sqlite"), { readOnly: true });
    const verdicts = readVerdicts(store, { writer: "phase2" });
    assert.equal(verdicts.length, new Set(shown.map(({ subject_id }) => subject_id)).size);
    const rows = JSON.stringify(store.database.prepare("SELECT * FROM llm_answers").all());
    for (const { messages } of server.requests) {
      for (const [, text] of messages[1]!.content.matchAll(/^\d+\| .*? s (.{16,})$/gm)) {
        assert.ok(!rows.includes(JSON.stringify(text!.slice(0, 16)).slice(1, -1)), text);
      }
    }
    for (const { out, err } of [ran, asked, again]) {
      assert.ok(!(out + err).includes(MARKER) && !(out + err).includes("secret-key"));
    }
  } finally {
    Deno.env.delete(KEY_ENV);
  }
});

Deno.test("run shows on a terminal what the model has cost so far", async () => {
  using folder = temporaryFolder();
  await using server = serveLlm((request) => ({ answer: rightAnswer(request) }));
  const config = await configured(folder.path, server.baseURL);
  Deno.env.set(KEY_ENV, "k");
  try {
    const { err, out } = await shellscopeOnTerminal(
      ...["run", "--config", config, "--out", folder.path],
    );
    const spent = [...err.matchAll(/\r\d+ sessions asked about, (\d+\.\d{4}) spent/g)].map(
      ([, money]) => Number(money),
    );
    assert.ok(spent.length > 3, err);
    assert.deepEqual(spent, spent.toSorted((a, b) => a - b));
    assert.ok(out.includes(`${spent.at(-1)!.toFixed(4)} spent`), out);
    assert.ok(err.includes("spent\r\u001b[KCorrelating"), err);
  } finally {
    Deno.env.delete(KEY_ENV);
  }
});

Deno.test("classify --phase 2 --dry-run without a model names the price that it assumes", async () => {
  using folder = temporaryFolder();
  const db = join(folder.path, "s.sqlite");
  await shellscope("parse", join(FIXTURES, "casts"), "--db", db);
  await shellscope("classify", "--db", db);
  const dry = await shellscope("classify", "--phase", "2", "--dry-run", "--db", db);
  assert.equal(dry.status, 0, dry.err);
  assert.match(dry.err, /at most about 0\.\d\d, at an assumed 1 in and 4 out/);
});

function markerOf(messages: ChatRequest["messages"]): string {
  return /excerpt ([0-9a-f]{32})/.exec(messages[1]!.content)![1]!;
}

Deno.test("classify --phase 2 says what is missing: the model, the key, the server", async () => {
  using folder = temporaryFolder();
  const db = join(folder.path, "s.sqlite");
  openStore(db)[Symbol.dispose]();
  const unconfigured = await shellscope("classify", "--phase", "2", "--db", db);
  assert.equal(unconfigured.status, 2);
  assert.match(unconfigured.err, /Phase 2 has no model to ask; write phase2 .*--dry-run/);

  await using server = serveLlm(() => ({ status: 401 }));
  const config = await configured(folder.path, server.baseURL);
  await shellscope("run", "--no-phase2", "--config", config, "--out", folder.path);
  const keyless = await shellscope("classify", "--phase", "2", "--config", config);
  assert.equal(keyless.status, 1);
  assert.match(keyless.err, new RegExp(`${KEY_ENV}, which phase2.apiKeyEnv names, holds no key`));
  assert.equal(server.requests.length, 0);
});

Deno.test("classify --phase 2 --against compares two models or prompts over the same sessions", async () => {
  using folder = temporaryFolder();
  await using server = serveLlm((request) => ({
    answer: rightAnswer(request, {
      operator_type: request.model === "test-model" ? "agent" : "human",
    }),
  }));
  const config = await configured(folder.path, server.baseURL);
  Deno.env.set(KEY_ENV, "secret-key-of-the-test");
  try {
    await shellscope("run", "--no-phase2", "--config", config, "--out", folder.path);
    const against = ["classify", "--phase", "2", "--against", "other", "--config", config];
    const told = await shellscope(...against);
    assert.match(told.out, /^phase2:test-model@.* and phase2:other@.*: 0 alike \(0\.0 %\)/);
    assert.match(told.out, /differs from the rules on \d+ of \d+/);
    const sent = server.requests.length;
    const { out } = await shellscope(...against, "--format", "jsonl");
    assert.equal(server.requests.length, sent, "answers are read from the store");
    const [comparison] = jsonLines(out) as unknown as [ModelComparison];
    const [agents, people] = comparison.sides;
    assert.ok(comparison.n > 3);
    assert.equal(comparison.between.changes.length, comparison.n);
    assert.equal(agents.report.n, people.report.n);
    const truths = (type: string) =>
      agents.report.judged.filter(({ truth }) => truth === type).length;
    assert.ok(agents.report.n > 0);
    assert.deepEqual([agents.report.right, people.report.right], [
      truths("agent"),
      truths("human"),
    ]);
    using store = openStore(join(folder.path, "s.sqlite"), { readOnly: true });
    const versions = readVerdicts(store, { writer: "phase2" }).map(({ version }) => version);
    assert.deepEqual([...new Set(versions)], [agents.version]);

    const prompts = await shellscope(
      ...["classify", "--phase", "2", "--against", "@operator-1", "--config", config],
    );
    assert.equal(prompts.status, 0, prompts.err);
    assert.match(
      prompts.out,
      /^phase2:test-model@(\S+) and phase2:test-model@(?!\1)\S+ on \d+ .*alike \(100\.0 %\)/,
    );
    assert.equal(server.requests.length, sent + sent / 2, "one side was asked already");
    assert.match(server.requests.at(-1)!.messages[0]!.content, /remarks of the recorder\.\n/);
  } finally {
    Deno.env.delete(KEY_ENV);
  }
});

Deno.test("classify --against is refused where it would show half the cost", async () => {
  const { status, err } = await shellscope(
    ...["classify", "--phase", "2", "--against", "other", "--dry-run"],
  );
  assert.equal(status, 2);
  assert.match(err, /leave --against away, and ask for the other side with --prompt/);
});
