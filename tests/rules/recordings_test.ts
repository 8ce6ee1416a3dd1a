import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Judgement } from "../../lib/model/judgement.ts";
import { judge } from "../../lib/phase1/judge.ts";
import { leaveOneGroupOut } from "../../lib/phase1/leave_one_out.ts";
import { loadPack } from "../../lib/phase1/pack.ts";
import {
  absent,
  afterLastLine,
  type Cast,
  gathered,
  part,
  readCasts,
  spelt,
  stretched,
  truthfulCast,
} from "./public_casts.ts";

/**
 * What `rules/README.md` says of the pack on public recordings, held to the digit. A test that
 * fails prints the table as it would be.
 */

const FOLDER = fileURLToPath(new URL("../../rules", import.meta.url));
const pack = await loadPack(FOLDER);
const casts = absent ? [] : await readCasts();
const readme = (await readFile(`${FOLDER}/README.md`, "utf8")).replaceAll(/ +\| +/g, " | ")
  .replaceAll(/ +\|$/gm, " |");

const NAMES: Record<string, string> = {
  "human/hexlet-students": "students at a shell",
  "human/misc-readme": "demonstrations by people",
  "agent/harbor-terminus2-deepseek": "an LLM agent that types through tmux",
  "agent/tb-codex-o4-mini-usaco": "an agent program that streams text",
  "agent/tb-mini-swe-agent-claude-sonnet-4": "an agent program with a spinner",
  "scripted/edgemax-flash-script": "a script that prints progress",
  "scripted/r-asciicast": "simulated typing",
  "scripted/tb-oracle-lcbpro": "a harness's solution script",
  "scripted/tb-tests-runner": "a harness's test run",
};

const PASTE_MODE = new RegExp("\x1b\\[\\?2004[hl]", "g");
const COLOUR = new RegExp("\x1b\\[[0-9;]*m", "g");

const CHANGES: Record<string, (cast: Cast) => Cast> = {
  "as recorded": (cast) => cast,
  "twice as fast": stretched((gap) => gap / 2),
  "twice as slow": stretched((gap) => gap * 2),
  "gaps over 2 s cut to 2 s": stretched((gap) => Math.min(gap, 2000)),
  "prints of 30 ms gathered": gathered(30),
  "prompts end in another mark": spelt((text) => text.replace(/[$#%] $/, "> ")),
  "no bracketed paste": spelt((text) => text.replaceAll(PASTE_MODE, "")),
  "no colours": spelt((text) => text.replaceAll(COLOUR, "")),
  "the first half": part(0, 0.5),
  "the second half": part(0.5, 1),
};

const CUTS: Record<string, (cast: Cast) => Cast> = {
  "the last injected line and what follows": afterLastLine({ withLine: true }),
  "what follows the last injected line": afterLastLine({ withLine: false }),
};

const GROUPS: [name: string, has: (each: Judgement) => boolean][] = [
  ["people", ({ truth }) => truth === "human"],
  ["typing agents", ({ group }) => group.includes("terminus")],
  ["agent programs", ({ group }) => group.startsWith("agent/tb-")],
  ["scripts and simulated typing", ({ truth }) => truth === "automation"],
];

function count(judgements: readonly Judgement[], is: (each: Judgement) => boolean): number {
  return judgements.filter(is).length;
}

const right = (each: Judgement) => each.cohort === null && each.verdict === each.truth;
const wrong = (each: Judgement) => each.verdict !== "unknown" && each.verdict !== each.truth;
const abstains = (each: Judgement) => each.cohort === null && each.verdict === "unknown";
const withheld = (each: Judgement) => each.cohort !== null;

/** One row a source: as written, and with its numbers fitted to the other sources. */
function bySource(written: readonly Judgement[], leftOut: readonly Judgement[]): string[] {
  return Object.entries(NAMES).map(([source, name]) => {
    const own = written.filter(({ group }) => group === source);
    const out = leftOut.filter(({ group }) => group === source);
    const cells = [own, out].flatMap((each) =>
      [right, wrong, abstains].map((is) => count(each, is))
    );
    const truth = own[0]!.truth;
    return `| ${[name, truth, own.length, count(own, withheld), ...cells].join(" | ")} |`;
  });
}

/** One row a change: of each group how many are right, called agent or human wrongly, undecided. */
function byChange(name: string, judgements: readonly Judgement[]): string {
  const judged = judgements.filter((each) => !withheld(each));
  const cells = GROUPS.map(([, has]) => {
    const own = judged.filter(has);
    return own.length === 0 ? "–" : `${count(own, right)} of ${own.length}`;
  });
  const people = count(judged, ({ truth, verdict }) => truth === "human" && verdict === "agent");
  const asHuman = count(judged, ({ truth, verdict }) => truth !== "human" && verdict === "human");
  const asAgent = count(
    judged,
    ({ truth, verdict }) => truth === "automation" && verdict === "agent",
  );
  return `| ${[name, ...cells, people, asHuman, asAgent, count(judged, abstains)].join(" | ")} |`;
}

function assertIn(rows: readonly string[]): void {
  const missing = rows.filter((row) => !readme.includes(row));
  assert.deepEqual(missing, [], `rules/README.md should say:\n${rows.join("\n")}`);
}

function share(judgements: readonly Judgement[], truth: string, called: string): number {
  const own = judgements.filter((each) => each.truth === truth && !withheld(each));
  return count(own, ({ verdict }) => verdict === called) / own.length;
}

function assertTargets(judgements: readonly Judgement[]): void {
  const judged = judgements.filter((each) => !withheld(each));
  assert.ok(count(judged, ({ truth, verdict }) => truth === "human" && verdict === "agent") <= 1);
  assert.ok(share(judged, "human", "human") >= 0.85);
  assert.ok(share(judged, "automation", "human") <= 0.05);
  assert.ok(share(judged, "automation", "agent") <= 0.1);
  const [, , programs] = GROUPS.map(([, has]) => judged.filter(has));
  assert.ok(share(programs!, "agent", "agent") >= 0.75);
  const typing = judged.filter(GROUPS[1]![1]);
  assert.equal(count(typing, right), typing.length);
  assert.ok(count(judged, abstains) / judged.length <= 0.2);
}

Deno.test({
  name: "the pack keeps to its targets on public recordings, and with each source left out " +
    "(needs ../shared/data)",
  ignore: absent,
  fn() {
    const rows = casts.map(truthfulCast);
    const written = judge(pack, rows);
    const { judgements: leftOut } = leaveOneGroupOut(pack, rows);
    assert.equal(rows.length, 195);
    assert.equal(count(written, withheld), 31);
    assertTargets(written);
    assertTargets(leftOut);
    assertIn(bySource(written, leftOut));
  },
});

Deno.test({
  name: "the pack on changed recordings does what rules/README.md says (needs ../shared/data)",
  ignore: absent,
  fn() {
    assertIn(
      Object.entries(CHANGES).map(([name, change]) =>
        byChange(name, judge(pack, casts.map((cast) => truthfulCast(change(cast)))))
      ),
    );
  },
});

Deno.test({
  name: "agent programs and scripts are told apart from the last injected line on " +
    "(needs ../shared/data)",
  ignore: absent,
  fn() {
    const harness = casts.filter(({ source }) => source.includes("/tb-"));
    const rows = Object.entries(CUTS).map(([name, cut]) => {
      const cuts = harness.map(cut).filter(({ events }) => events.length >= 30);
      const judgements = judge(pack, cuts.map(truthfulCast));
      assert.ok(share(judgements, "agent", "agent") >= 0.75);
      assert.equal(share(judgements, "automation", "agent"), 0);
      assert.equal(share(judgements, "automation", "human"), 0);
      return byChange(name, judgements);
    });
    assertIn(rows);
  },
});
