import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { VERBS } from "../lib/cli/main.ts";
import { shellscope } from "./cli/harness.ts";
import { copyFolder } from "./project_copy.ts";
import { temporaryFolder } from "./temporary_folder.ts";

/**
 * The calls of verbs that stand inside the sentences of the READMEs, each run. What a sentence
 * leaves to its reader (a folder, an id) is put in; what is run by another test names it.
 */

const TEXTS = ["README.md", "lib/README.md", "rules/README.md"];

const scratch = temporaryFolder();
addEventListener("unload", () => scratch[Symbol.dispose]());
const at = (name: string) => join(scratch.path, name);
const CONFIG = ["--config", at("shellscope.yaml")];
const ACROSS = resolve("fixtures/across");

/** Words behind a call, or in its place; `{id}` and `{correlation}` stand for ones of the store. */
type How = { and: string[] } | { as: string[] } | { elsewhere: string };
const and = (...words: string[]): How => ({ and: words });
const as = (...words: string[]): How => ({ as: words });
const elsewhere = (test: string): How => ({ elsewhere: test });

const RULES = ["--rules", at("rules")];
const SHARE = ["notebooks/01_start_here.ipynb", "--out", at("share")];

/** In the order in which they are run. */
const CALLS: Record<string, How> = {
  init: as("init", "--config", at("new.yaml")),
  doctor: and(),
  "pull all --since 30d --dry-run": and(),
  "pull all --dry-run": and(),
  "pull gcp --dry-run": and(),
  run: and("--out", at("out")),
  "run --since 30d": and("--out", at("out")),
  "run --shard 2/8": elsewhere("tests/readme_test.ts, as the machines of its examples do"),
  "label import": as("label", "import", at("labels.tsv"), "--by", "ana"),
  "label export": and(),
  "label agreement": and(),
  "label next": and(),
  "classify --phase 2 --dry-run": and(),
  "classify --phase 2": elsewhere("tests/cli/phase2_test.ts, by a model on the loopback address"),
  "classify --phase 2 --against MODEL": elsewhere("tests/cli/phase2_test.ts, by two such models"),
  "classify --rules DIR": as("classify", ...RULES),
  "classify --rules DIR --test": as("classify", "--test", ...RULES),
  "eval --rules DIR": as("eval", ...RULES),
  "eval --leave-one-out fixture.source": elsewhere("tests/readme_test.ts, in a block"),
  "eval --writer phase2": elsewhere("tests/cli/phase2_test.ts, where a model has judged"),
  "correlate --show unmatched": and(),
  "correlate --show activities": and(),
  "correlate --show contradictions": and(),
  "correlate ID --format md": as("correlate", "{correlation}", "--format", "md"),
  "sessions --where 'pty_joins > 0'": and(),
  "sessions --format parquet --out DIR": as("sessions", "--format=parquet", "--out", at("parquet")),
  "export": and("{id}", "--format", "text", "--out", at("text")),
  "findings": and(),
  "render --share": and(...SHARE),
  "render notebooks/NN_name.ipynb --share": elsewhere("tests/readme_test.ts, in a block"),
  render: elsewhere("tests/readme_test.ts, in a block"),
  "purge --before 180d": and(),
  "purge --principal P": as("purge", "--principal", "judy@example.com", "--yes"),
};

/** Calls inside a text's sentences, without what stands before the verb. */
function callsIn(text: string): string[] {
  const sentences = text.replace(/^```.*?^```/gms, "").replace(/\s+/g, " ");
  const verb = Object.keys(VERBS).join("|");
  const call = new RegExp(`^(?:deno task )?(?:shellscope )?((?:${verb})(?: .+)?)$`);
  return [...sentences.matchAll(/`([^`]+)`/g)].flatMap(([, span]) => {
    const found = call.exec(span!)?.[1];
    const isCall = found !== undefined && (found.includes(" ") || found !== span);
    return isCall ? [found] : [];
  });
}

function wordsIn(call: string): string[] {
  return [...call.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
}

async function call(words: readonly string[]): Promise<string> {
  const config = words.includes("--config") ? [] : CONFIG;
  const { status, out, err } = await shellscope(...words, ...config);
  assert.equal(status, 0, err);
  return out;
}

Deno.test("calls inside the READMEs' sentences do what they say", async (t) => {
  await copyFolder("rules", at("rules"));
  await Deno.writeTextFile(
    at("shellscope.yaml"),
    JSON.stringify({
      sources: [
        { kind: "gcp", archive: join(ACROSS, "gcp") },
        { kind: "aws", archive: join(ACROSS, "aws") },
        {
          kind: "teleport",
          events: { archive: join(ACROSS, "teleport/events") },
          recordings: { folder: join(ACROSS, "teleport/sessions") },
        },
      ],
    }),
  );
  await Deno.writeTextFile(
    at("labels.tsv"),
    "principal\tsince\tuntil\ttruth.operator-type\njudy@example.com\t2026-03-01\t2026-04-01\tagent\n",
  );
  const texts = await Promise.all(TEXTS.map((path) => Deno.readTextFile(path)));
  const named = new Set(texts.flatMap(callsIn));
  assert.deepEqual(
    [...named].filter((text) => !(text in CALLS)),
    [],
    "each is run, or said why not",
  );
  let known: Record<string, string> = {};
  for (const [text, how] of Object.entries(CALLS)) {
    if ("elsewhere" in how) continue;
    await t.step(text, async () => {
      const words = "as" in how ? how.as : [...wordsIn(text), ...how.and];
      await call(words.map((word) => known[word] ?? word));
    });
    if (text !== "run") continue;
    known = {
      "{id}": JSON.parse(
        (await call(["sessions", "--format=jsonl", "--where=pty_keys > 0"]))
          .split("\n", 1)[0]!,
      ).session_id,
      "{correlation}": JSON.parse((await call(["correlate", "--format=jsonl"])).split("\n", 1)[0]!)
        .correlation_id,
    };
  }
});
