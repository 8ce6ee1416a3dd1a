import assert from "node:assert/strict";
import { join } from "node:path";
import { openStore } from "../../lib/store/store.ts";
import {
  type ChatReply,
  type ChatRequest,
  excerptOf,
  rightAnswer,
  serveLlm,
} from "../phase2/llm_server.ts";
import { type Canary, CanarySearch, CONFIGURED_WORD, filesBelow, plant } from "./canaries.ts";
import { denoFolder, jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

const KEY_ENV = "SHELLSCOPE_TEST_CANARY_KEY";
const KEY = "key-canary-of-the-endpoint";

Deno.test("canaries of every kind reach no request, store, page, export, message or temporary file", async () => {
  using folder = temporaryFolder();
  const path = (name: string) => join(folder.path, name);
  const [input, work, temporary] = [path("input"), path("work"), path("tmp")];
  for (const name of [input, work, temporary]) await Deno.mkdir(name);
  const { secrets, words, names } = await plant(input);
  await using server = serveLlm(talkative);
  const config = join(input, "shellscope.yaml");
  await Deno.writeTextFile(
    config,
    `store: ../work/s.sqlite
sources:
  - { kind: recordings, folder: ./casts }
  - { kind: aws, archive: ./aws/AWSLogs }
  - { kind: gcp, archive: ./gcp }
share: { words: [${CONFIGURED_WORD}] }
phase2: { baseURL: "${server.baseURL}", apiKeyEnv: ${KEY_ENV}, model: m, price: { input: 1, output: 4 }, budget: 20, maxPerSession: 2 }
`,
  );
  using _restored = withEnvironment({
    ...{ [KEY_ENV]: KEY, TMPDIR: temporary, XDG_CACHE_HOME: join(work, "cache") },
    DENO_DIR: denoFolder(),
  });
  const said = new Map<string, string>();
  const call = async (...args: string[]) => {
    const { status, out, err } = await shellscope(...args, "--config", config);
    assert.ok(status === 0 || status === 3, `${args.join(" ")}: ${err}`);
    said.set(args.join(" "), out + err);
    return out;
  };

  await call("run", "--no-phase2", "--out", join(work, "out"));
  for (const row of jsonLines(await call("sessions", "--format", "jsonl"))) {
    if (row["kind"] !== "pty") continue;
    await call("label", "set", String(row["session_id"]), "routing.phase2=pty");
  }
  // who reads keeps the write-ahead log from being folded into the store
  using reader = openStore(join(work, "s.sqlite"), { readOnly: true });
  reader.database.prepare("SELECT count(*) FROM sessions").get();
  const dry = await call("classify", "--phase", "2", "--dry-run");
  said.delete("classify --phase 2 --dry-run");
  await call("classify", "--phase", "2");
  await call("classify", "--phase", "2", "--resend");
  await call("run", "--out", join(work, "out"), "--format", "jsonl");
  const id = String(
    reader.database.prepare("SELECT subject_id FROM llm_answers").get()!["subject_id"],
  );
  await call("classify", "--explain", id);
  for (const format of ["table", "jsonl", "csv"]) {
    await call("sessions", "--format", format);
    await call("findings", "--format", format);
  }
  await call("label", "export");

  const sent = server.requests.map((request) => JSON.stringify(request.messages)).join("\n");
  const texts = server.requests.map(({ messages }) => messages.at(-1)!.content).join("\n");
  assert.equal(new CanarySearch(words).in(texts).size, words.length, "the recordings were sent");
  for (const kind of new Set(secrets.map(({ kind }) => kind))) {
    assert.ok(texts.includes(`[${kind} `), `${kind}: nothing stands in its place`);
  }
  const unsent = [...secrets, ...names, { kind: "key of the endpoint", text: KEY }];
  const places: Place[] = [
    { name: "requests", canaries: unsent, texts: [sent] },
    { name: "dry run", canaries: unsent, texts: [dry] },
    { name: "stdout and stderr", canaries: [...unsent, ...words], texts: [...said.values()] },
  ];
  for (const [name, root] of [["files that are written", work], ["temporary files", temporary]]) {
    const files = await Array.fromAsync(filesBelow(root!));
    const texts = await Promise.all(files.map(latin));
    places.push({ name: name!, canaries: [...unsent, ...words], texts, files });
  }
  assert.deepEqual(places.flatMap(found), []);
  for (const { name, canaries, texts } of places) {
    const kinds = new Set(canaries.map(({ kind }) => kind)).size;
    const kilobytes = Math.round(texts.join("").length / 1024);
    console.log(`    ${name}: ${canaries.length} canaries of ${kinds} kinds in ${kilobytes} KiB`);
  }
  const written = places.flatMap(({ files = [] }) => files);
  for (const end of ["s.sqlite", "s.sqlite-wal", "findings.html"]) {
    assert.ok(written.some((file) => file.endsWith(end)), `${end} was looked at`);
  }
});

interface Place {
  name: string;
  canaries: Canary[];
  texts: string[];
  files?: string[];
}

/** The canaries that are where they may not be, a line each. */
function found({ name, canaries, texts, files }: Place): string[] {
  const search = new CanarySearch(canaries);
  return texts.flatMap((text, i) =>
    [...search.in(text)].map(({ kind, text }) =>
      `${files?.[i] ?? name}: ${kind} ${text.slice(0, 60)}`
    )
  );
}

/** Answers as servers and models do that say back what they were told. */
function talkative(request: ChatRequest, number: number): ChatReply {
  const excerpt = excerptOf(request);
  const told = excerpt.map(({ text }) => text).join(" ");
  if (number === 1) {
    return { status: 429, headers: { "retry-after-ms": "1" }, body: { error: { message: told } } };
  }
  if (number === 2) return { status: 500, headers: { "retry-after-ms": "1" }, body: told };
  if (number % 9 === 0) return { answer: told };
  if (number % 9 === 1) return { refusal: told };
  const line = excerpt.at(-(number % 7) - 1) ?? excerpt[0]!;
  return { answer: rightAnswer(request, { reason: `They did ${line.text}`.slice(0, 399) }) };
}

async function latin(file: string): Promise<string> {
  return new TextDecoder("latin1").decode(await Deno.readFile(file));
}

/** Sets variables until the `using` block ends. */
function withEnvironment(values: Readonly<Record<string, string>>): Disposable {
  const before = Object.keys(values).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(values)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    },
  };
}
