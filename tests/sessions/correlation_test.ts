import assert from "node:assert/strict";
import fc from "../property.ts";
import { correlate, correlateStrangers } from "../../lib/sessions/correlation.ts";
import { followingCallers } from "../../lib/sessions/shared_commands.ts";
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

Deno.test("correlate() holds the address of calls against those of a terminal", () => {
  const at = (hash: string, reach: "public" | "private" = "public", family: 4 | 6 = 4) => (
    { hash, reach, family }
  );
  const host = (...address: Parameters<typeof at>) => ({
    place: "host" as const,
    ...at(...address),
  });
  const client = (hash: string) => ({ place: "client" as const, ...at(hash) });
  type Case = [string, ReturnType<typeof host | typeof client>[], ReturnType<typeof at> | null];
  const measured = (commands: ReturnType<typeof commandsAt>, [, addresses, from]: Case) => {
    const { evidence, agreement, tier } = correlate({
      first: terminal("t", [0, 30], { commands, addresses }),
      second: calls("a", [2, 9], { commands: commandsAt(900), hashedAddress: from }),
    }, OPTIONS);
    return [evidence.address, agreement, tier];
  };
  const nested: [...Case, (number | string | null)[]][] = [
    ["from the host", [host("h")], at("h"), [1, 1, "high"]],
    ["from where it was opened", [client("c")], at("c"), [1, 1, "high"]],
    ["from neither", [host("h"), client("c")], at("x"), [0, 0.6667, "medium"]],
    ["the client is not known", [host("h")], at("x"), [0, 0.6667, "medium"]],
    ["the host is behind others", [host("h", "private"), client("c")], at("x"), [null, 1, "high"]],
    ["of another family", [host("h", "public", 6)], at("x"), [null, 1, "high"]],
    ["from inside the cloud", [host("h")], at("x", "private"), [null, 1, "high"]],
    ["no address of the calls", [host("h")], null, [null, 1, "high"]],
    ["no address of the terminal", [], at("x"), [null, 1, "high"]],
  ];
  for (const [name, addresses, from, expected] of nested) {
    assert.deepEqual(measured(commandsAt(0), [name, addresses, from]), expected, name);
  }
  // without commands a person's calls may come from anywhere, as long as the client is not known
  const beside: [...Case, number | null][] = [
    ["from where it was opened", [host("h"), client("c")], at("c"), 1],
    ["from neither", [host("h"), client("c")], at("x"), 0],
    ["the client is not known", [host("h")], at("x"), null],
  ];
  for (const [name, addresses, from, expected] of beside) {
    assert.equal(measured([], [name, addresses, from])[0], expected, name);
  }
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

Deno.test("correlateStrangers() is low or nothing, whatever two identities have in common", () => {
  const other = { otherIdentity: "boris@example.com", ...OPTIONS };
  const command = fc.record({
    name: fc.constantFrom(...names),
    atMs: fc.integer({ min: minutes(0), max: minutes(12) }),
  });
  const commands = fc.array(command, { maxLength: 12 })
    .map((list) => list.sort((a, b) => a.atMs - b.atMs));
  const address = { hash: "h", reach: "public", family: 4 } as const;
  const from = fc.constantFrom(null, address, { ...address, hash: "x" });
  const late = fc.integer({ min: -3000, max: 12_000 });
  let told = 0;
  fc.assert(fc.property(commands, late, from, fc.boolean(), (given, late, from, vouched) => {
    const found = correlateStrangers({
      terminal: {
        ...terminal("t", [0, 12], {
          ...AGENT,
          ...{ commands: given, addresses: [{ place: "host", ...address }] },
        }),
        vouched,
      },
      calls: calls("a", [0, 12], {
        commands: given.map(({ name, atMs }) => ({ name, atMs: atMs + late })),
        hashedAddress: from,
      }),
    }, other);
    if (found === null) return;
    told++;
    assert.equal(found.tier, "low");
    assert(found.score < 0.4);
    assert.equal(found.otherIdentity, other.otherIdentity);
    assert.notEqual(from?.hash, "x");
  }));
  assert(told > 10, `${told} told`);
});

Deno.test("followingCallers() counts whose calls follow which commands, others' crowds apart", () => {
  const given = [1, 2, 3].map((second) => ({
    name: `c${second}`,
    atMs: minutes(0) + second * 900,
  }));
  const call = (caller: string, name: string, late: number) => {
    const { atMs } = given.find((each) => each.name === name)!;
    return { caller, name, atMs: atMs + late };
  };
  const all = [
    ...given.map(({ name }) => call("same", name, 1000)),
    call("early", "c1", -2500),
    call("late", "c1", 11_000),
    call("over the minute", "c3", 9000),
    call("once", "c2", 10),
    call("once", "c2", 20),
    ...Array.from({ length: 1000 }, (_, i) => call(`crowd-${i}`, "c2", 1001)),
  ];
  const calledIn = (minuteMs: number) =>
    new Map([...Map.groupBy(
      all.filter(({ atMs }) => Math.floor(atMs / 60_000) * 60_000 === minuteMs)
        .sort((a, b) => a.atMs - b.atMs),
      ({ name }) => name,
    )]);
  const found = followingCallers(given, calledIn, { ...OPTIONS, least: 1 });
  assert.deepEqual(found[0], { caller: "same", commands: 3, firstMs: given[0]!.atMs + 1000 });
  const one = found.filter(({ caller }) => !caller.startsWith("crowd")).map(({ caller }) => caller);
  assert.deepEqual(one, ["same", "once", "over the minute"]);
  assert(found.length < 70);
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
