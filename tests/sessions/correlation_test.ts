import assert from "node:assert/strict";
import { correlate } from "../../lib/sessions/correlation.ts";
import { contradictionsOf } from "../../lib/sessions/contradictions.ts";
import { calls, minutes, terminal } from "./traces.ts";

const OPTIONS = { toleranceMs: 60_000, nestedMs: 10_000 };
const AGENT = {
  operatorType: "agent",
  distribution: { human: 0, agent: 1, automation: 0 },
} as const;
const names = ["gcloud.compute.instances.list", "gcloud.projects.describe", "gcloud.logging.read"];
const commandsAt = (late: number) =>
  names.map((name, i) => ({ name, atMs: minutes(2 + i) + late }));

Deno.test("correlate() is high where the terminal's commands show as calls", () => {
  const pair = {
    first: terminal("t", [0, 30], { commands: commandsAt(0) }),
    second: calls("a", [2, 9], { commands: commandsAt(900) }),
  };
  const found = correlate(pair, OPTIONS);
  assert.equal(found.tier, "high");
  assert.deepEqual(found.evidence.nested, { matched: 3, of: 3 });
  assert.deepEqual([found.overlap, found.agreement, found.score], [1, 1, 1]);
  assert.equal(found.id, correlate({ first: pair.second, second: pair.first }, OPTIONS).id);
});

Deno.test("correlate() is low where both sides name commands and none is the other's", () => {
  const { tier, agreement } = correlate({
    first: terminal("t", [0, 30], { ...AGENT, commands: commandsAt(0) }),
    second: calls("a", [2, 9], { commands: commandsAt(45_000) }),
  }, OPTIONS);
  assert.deepEqual([tier, agreement], ["low", 0]);
});

Deno.test("correlate() tells tiers by what agrees", () => {
  const long = terminal("t", [0, 30]);
  const cases: [string, Parameters<typeof correlate>[0], string][] = [
    [
      "agents on both",
      { first: terminal("t", [0, 30], AGENT), second: calls("a", [2, 9]) },
      "high",
    ],
    [
      "two that look like a person's",
      { first: long, second: calls("a", [2, 9], { ...long.facts, kind: "api" }) },
      "medium",
    ],
    ["a person and an agent", { first: long, second: calls("a", [2, 9]) }, "low"],
    [
      "nothing to compare",
      { first: long, second: calls("a", [2, 9], { operatorType: "unknown", distribution: null }) },
      "medium",
    ],
    [
      "a gap between",
      { first: terminal("t", [0, 5], AGENT), second: calls("a", [5.5, 9]) },
      "low",
    ],
    [
      "a name that whoever acted chose",
      {
        first: terminal("t", [0, 30], AGENT),
        second: { ...calls("a", [2, 9]), vouched: false },
      },
      "medium",
    ],
    [
      "such a name, and nothing to compare",
      {
        first: long,
        second: {
          ...calls("a", [2, 9], { operatorType: "unknown", distribution: null }),
          vouched: false,
        },
      },
      "low",
    ],
  ];
  for (const [name, pair, tier] of cases) assert.equal(correlate(pair, OPTIONS).tier, tier, name);
});

Deno.test("contradictionsOf() finds a person who types while an agent calls elsewhere", () => {
  const kinds = (...pair: Parameters<typeof contradictionsOf>) =>
    contradictionsOf(...pair).map(({ kind }) => kind);
  const pair = { first: terminal("t", [0, 30]), second: calls("a", [2, 9]) };
  assert.deepEqual(kinds(pair, OPTIONS), ["person-types-while-agent-calls"]);
  const after = { first: terminal("t", [0, 30]), second: calls("a", [30.5, 40]) };
  assert.deepEqual(kinds(after, OPTIONS), []);
});

Deno.test("contradictionsOf() finds one pair of hands in two terminals, a lost marker, a burst", () => {
  const slots = (from: number, count: number, step = 1) =>
    Array.from({ length: count }, (_, i) => Math.floor(minutes(from) / 10_000) + i * step);
  const typing = (id: string, typing: number[]) => terminal(id, [0, 30], { typing });
  const onGcloud = (id: string, os: string, typing: number[]) =>
    calls(id, [0, 30], { operatorType: "human", os, typing });
  const marked = { family: "agent.claude-code", agentTool: "claude-code" };
  const burst = Array.from({ length: 14 }, (_, i) => minutes(10) + 2000 * i);
  const mixed = { operatorType: "mixed", handOvers: [minutes(10) - 5000] } as const;
  const cases: [string, Parameters<typeof contradictionsOf>[0], string[]][] = [
    [
      "both typed in at once",
      { first: typing("t1", slots(0, 20)), second: typing("t2", slots(1, 20)) },
      ["impossible-concurrency"],
    ],
    [
      "in turns",
      {
        first: typing("t1", slots(0, 20, 2)),
        second: typing("t2", slots(0, 20, 2).map((s) => s + 1)),
      },
      [],
    ],
    [
      "commands typed on two machines at once",
      { first: onGcloud("a", "macos", slots(1, 20)), second: onGcloud("b", "linux", slots(0, 20)) },
      ["impossible-concurrency"],
    ],
    [
      "one machine under two addresses",
      { first: onGcloud("a", "linux", slots(1, 20)), second: onGcloud("b", "linux", slots(0, 20)) },
      [],
    ],
    [
      "typed on a host and on a laptop at once",
      { first: typing("t", slots(0, 20)), second: onGcloud("a", "windows", slots(1, 20)) },
      ["impossible-concurrency"],
    ],
    [
      "typed on a host, whose calls these may be",
      { first: typing("t", slots(0, 20)), second: onGcloud("a", "linux", slots(1, 20)) },
      [],
    ],
    [
      "the marker is gone",
      { first: calls("a", [0, 10], marked), second: calls("b", [10.4, 20]) },
      ["agent-marker-disappears"],
    ],
    [
      "a person goes on",
      {
        first: calls("a", [0, 10], marked),
        second: calls("b", [10.4, 20], { operatorType: "human" }),
      },
      [],
    ],
    [
      "it was there beside the agent",
      { first: calls("a", [0, 10], marked), second: calls("b", [5, 20]) },
      [],
    ],
    [
      "from another address",
      { first: calls("a", [0, 10], marked), second: calls("b", [10.4, 20], { address: "::1" }) },
      [],
    ],
    [
      "handed over, then a burst",
      { first: terminal("t", [0, 30], mixed), second: calls("a", [9, 20], { callTimes: burst }) },
      ["burst-after-hand-over"],
    ],
    [
      "the calls came before as well",
      {
        first: terminal("t", [0, 30], mixed),
        second: calls("a", [9, 20], {
          callTimes: [...burst.map((at) => at - 60_000), ...burst],
        }),
      },
      [],
    ],
  ];
  for (const [name, pair, kinds] of cases) {
    assert.deepEqual(contradictionsOf(pair, OPTIONS).map(({ kind }) => kind), kinds, name);
  }
});
