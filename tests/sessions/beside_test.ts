import assert from "node:assert/strict";
import fc from "../property.ts";
import type { Trace } from "../../lib/model/correlation.ts";
import { besideEachOther } from "../../lib/sessions/beside.ts";

const TOLERANCE = { toleranceMs: 10 };

function trace(id: string, [startedMs, endedMs]: [number, number], side = "gcp"): Trace {
  return { id, identity: "anna", side, startedMs, endedMs };
}

function pairsOf(
  traces: Iterable<Trace>,
  onLeftOut: (identity: string, count: number) => void = () => {},
): string[] {
  return [...besideEachOther(traces, { ...TOLERANCE, onLeftOut })]
    .filter((pair) => pair !== null)
    .map(({ first, second }) => `${first.id} ${second.id}`);
}

Deno.test("besideEachOther() pairs what overlaps or nearly does, of one identity only", () => {
  assert.deepEqual(
    pairsOf([
      trace("a", [0, 100]),
      trace("b", [50, 60], "aws"),
      trace("c", [70, 80], "aws"),
      trace("d", [91, 99], "aws"),
      trace("e", [110, 120], "teleport"),
      { ...trace("f", [111, 120], "aws"), identity: "boris" },
    ]),
    ["a b", "a c", "b c", "a d", "a e"],
  );
  assert.throws(
    () => pairsOf([trace("b", [5, 6]), trace("a", [5, 6])]),
    /not in order/,
  );
});

Deno.test("besideEachOther() finds every pair where few sessions go on at once", () => {
  const session = fc.record({
    startedMs: fc.nat(4000),
    length: fc.nat(60),
    side: fc.constantFrom("gcp", "aws", "teleport"),
    identity: fc.constantFrom("anna", "boris"),
  });
  fc.assert(fc.property(fc.array(session, { maxLength: 40 }), (sessions) => {
    const traces = sessions.map(({ startedMs, length, ...rest }, i): Trace => ({
      ...rest,
      id: String(i).padStart(3, "0"),
      ...{ startedMs, endedMs: startedMs + length },
    })).sort((a, b) =>
      a.identity !== b.identity
        ? a.identity < b.identity ? -1 : 1
        : a.startedMs - b.startedMs || (a.id < b.id ? -1 : 1)
    );
    const expected = traces.flatMap((second, i) =>
      traces.slice(0, i).filter((first) =>
        first.identity === second.identity && first.endedMs >= second.startedMs - 10
      ).map((first) => `${first.id} ${second.id}`)
    );
    let leftOut = 0;
    const found = pairsOf(traces, (_, count) => leftOut += count);
    if (leftOut === 0) assert.deepEqual(found.sort(), expected.sort());
    else assert(found.length < expected.length);
  }));
});

Deno.test("besideEachOther() is bounded by sessions, however many are open at once, and says so", () => {
  const most = 100_000;
  function* hostile(): Generator<Trace> {
    for (let i = 0; i < most; i++) {
      const id = String(i).padStart(6, "0");
      yield trace(id, [i, 10_000_000], ["gcp", "aws", "teleport"][i % 3]!);
    }
  }
  let leftOut = 0;
  const onLeftOut = (identity: string, count: number) => {
    assert.equal(identity, "anna");
    leftOut += count;
  };
  const pairs = pairsOf(hostile(), onLeftOut).length;
  assert(pairs <= 16 * most, `${pairs} pairs`);
  assert(leftOut > most, `${leftOut} left out`);
});
