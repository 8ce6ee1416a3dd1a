import assert from "node:assert/strict";
import fc from "../property.ts";
import { LabelError } from "../../lib/model/errors.ts";
import { setLabels } from "../../lib/store/labels.ts";
import {
  matchesSelector,
  parseSelector,
  type Requirement,
  type Selector,
  selectorSql,
} from "../../lib/store/selector.ts";
import type { Store } from "../../lib/store/store.ts";
import { NOW, sampleStore } from "./sample.ts";

const isIn = (key: string, ...values: string[]): Requirement => ({ operator: "in", key, values });
const notIn = (key: string, ...values: string[]): Requirement => ({
  operator: "notin",
  key,
  values,
});
const exists = (key: string): Requirement => ({ operator: "exists", key });
const absent = (key: string): Requirement => ({ operator: "absent", key });

/** What Kubernetes' grammar takes, and what it means. */
const VALID: [text: string, selector: Selector][] = [
  ["", []],
  [" \t\r\n", []],
  ["key", [exists("key")]],
  ["\r\nkey\t", [exists("key")]],
  ["!key", [absent("key")]],
  ["! key", [absent("key")]],
  ["k=v", [isIn("k", "v")]],
  ["k==v", [isIn("k", "v")]],
  ["k!=v", [notIn("k", "v")]],
  [" k = v , l != w ", [isIn("k", "v"), notIn("l", "w")]],
  ["k=", [isIn("k", "")]],
  ["k==,l!=", [isIn("k", ""), notIn("l", "")]],
  ["k in (one,two)", [isIn("k", "one", "two")]],
  ["k in(one)", [isIn("k", "one")]],
  ["k \t in \n( one\t,two )", [isIn("k", "one", "two")]],
  ["k notin (one)", [notIn("k", "one")]],
  ["k in (one,)", [isIn("k", "one", "")]],
  ["k in (,one)", [isIn("k", "", "one")]],
  ["k in (one,,two)", [isIn("k", "one", "", "two")]],
  ["k in ()", [isIn("k", "")]],
  ["k notin ( )", [notIn("k", "")]],
  ["k in (,)", [isIn("k", "")]],
  ["k in (one,one)", [isIn("k", "one")]],
  ["k in (in,notin)", [isIn("k", "in", "notin")]],
  ["in in (in)", [isIn("in", "in")]],
  ["notin notin (notin)", [notIn("notin", "notin")]],
  ["in,!notin", [exists("in"), absent("notin")]],
  ["k=in", [isIn("k", "in")]],
  ["k=v,!l,m in (),n", [isIn("k", "v"), absent("l"), isIn("m", ""), exists("n")]],
  ["example.com/owner=ana", [isIn("example.com/owner", "ana")]],
  ["7.example/9 notin (10.0.0.1, a_b-c.d)", [notIn("7.example/9", "10.0.0.1", "a_b-c.d")]],
  ["operator.type in (agent,mixed),!truth.operator-type", [
    isIn("operator.type", "agent", "mixed"),
    absent("truth.operator-type"),
  ]],
];

/** What Kubernetes' grammar does not take, the column at fault, and what the message says. */
const FAULTY: [text: string, column: number, message: RegExp][] = [
  ["k=v|w", 3, /no valid label value/],
  ["k=v=w", 4, /expected "," or the end/],
  ["k===v", 4, /expected a value/],
  ["!k=v", 3, /expected "," or the end/],
  ["!k in (v)", 4, /expected "," or the end/],
  ["!!k", 2, /expected a label's key/],
  ["!", 2, /expected a label's key, found the end/],
  ["k,,l", 3, /expected a label's key/],
  [",k", 1, /expected a label's key/],
  ["k,", 3, /found the end/],
  ["k nearly (v)", 3, /expected "=", "==", "!=", "in", "notin" or ","/],
  ["k l", 3, /expected/],
  ["k in (v),", 10, /found the end/],
  ["k in (v)w", 9, /expected "," or the end/],
  ["k in (v w)", 9, /expected "," or "\)"/],
  ["k notin(", 9, /expected a value, found the end/],
  ["k notin", 8, /expected "\("/],
  ["k in v", 6, /expected "\("/],
  ["k in (v", 8, /expected "," or "\)", found the end/],
  ["k in (v=w)", 8, /expected/],
  ["k IN (v)", 3, /expected/],
  ["k (", 3, /expected/],
  ["(", 1, /expected a label's key/],
  [")", 1, /expected a label's key/],
  ["=v", 1, /expected a label's key/],
  ["k!v", 2, /expected/],
  ["k=!v", 3, /expected a value/],
  ["k=(v)", 3, /expected a value/],
  ["k>1", 2, /--where/],
  ["k < 1", 3, /--where/],
  ["-k=v", 1, /no valid label key/],
  ["k=-v", 3, /no valid label value/],
  ["a/b/c", 1, /no valid label key/],
  [`k='v'`, 3, /no valid label value/],
  ["k=v;DROP", 3, /no valid label value/],
  ["k\u0000", 1, /no valid label key/],
  ["k=é", 3, /no valid label value/],
  [`k=${"v".repeat(64)}`, 3, /no valid label value/],
];

Deno.test("parseSelector() takes what Kubernetes takes, and means the same", () => {
  for (const [text, selector] of VALID) {
    assert.deepEqual(parseSelector(text), selector, JSON.stringify(text));
  }
});

Deno.test("parseSelector() names the column at fault", () => {
  for (const [text, column, message] of FAULTY) {
    assert.throws(() => parseSelector(text), (error) => {
      assert.ok(error instanceof LabelError, String(error));
      assert.match(error.message, message, JSON.stringify(text));
      assert.ok(error.message.includes(`, column ${column}: `), `${text}: ${error.message}`);
      return true;
    });
  }
});

Deno.test("parseSelector() bounds what it takes and what it quotes", () => {
  assert.throws(() => parseSelector("a".repeat(20_000)), /at most 16384 characters/);
  assert.throws(() => parseSelector(Array(501).fill("a").join()), /at most 500 requirements/);
  assert.throws(
    () => parseSelector(`x=\u001b[2J${"é".repeat(9_000)}`),
    (error) => error instanceof LabelError && error.message.length < 300,
  );
});

Deno.test("matchesSelector() has Kubernetes' meaning for absent keys", () => {
  const cases: [selector: string, labels: Record<string, string>, matches: boolean][] = [
    ["", {}, true],
    ["a", {}, false],
    ["a", { a: "" }, true],
    ["!a", {}, true],
    ["!a", { a: "" }, false],
    ["a=", {}, false],
    ["a=", { a: "" }, true],
    ["a!=x", {}, true],
    ["a!=x", { a: "x" }, false],
    ["a!=x", { a: "y" }, true],
    ["a!=", {}, true],
    ["a notin (x,y)", {}, true],
    ["a notin (x,y)", { a: "y" }, false],
    ["a notin (x,y)", { a: "z" }, true],
    ["a in (x,y)", {}, false],
    ["a in (x,y)", { a: "y" }, true],
    ["a,a!=x", {}, false],
    ["a,a!=x", { a: "y" }, true],
    ["a=x,b=y", { a: "x", b: "y" }, true],
    ["a=x,b=y", { a: "x" }, false],
    ["a=X", { a: "x" }, false],
    ["constructor", {}, false],
    ["!constructor", {}, true],
    ["toString!=x", {}, true],
  ];
  for (const [selector, labels, matches] of cases) {
    assert.equal(
      matchesSelector(parseSelector(selector), labels),
      matches,
      `${selector} on ${JSON.stringify(labels)}`,
    );
  }
});

/** Few keys and values, so that random labels and selectors meet. */
const KEY = fc.constantFrom("a", "b", "in", "notin", "example.com/c", "agent.tool");
const VALUE = fc.constantFrom("", "x", "y", "in", "X", "0", "1.0");
const LABELS = fc.dictionary(KEY, VALUE, { maxKeys: 5 });
const SPACE = fc.constantFrom("", " ", "\t", " \n ");

const REQUIREMENT = fc.oneof(
  fc.tuple(KEY, SPACE, fc.constantFrom("=", "==", "!="), SPACE, VALUE)
    .map((parts) => parts.join("")),
  fc.tuple(KEY, fc.constantFrom("in", "notin"), SPACE, fc.array(VALUE, { maxLength: 4 }))
    .map(([key, operator, space, values]) => `${key} ${operator}${space}(${values.join()})`),
  KEY,
  fc.tuple(SPACE, KEY).map(([space, key]) => `!${space}${key}`),
);
const SELECTOR = fc.array(REQUIREMENT, { maxLength: 4 }).map((parts) => parts.join());

function labelled(subjects: readonly Record<string, string>[]): Store {
  const ids = subjects.map((_, i) => `s-${i}`);
  const store = sampleStore(...ids);
  const labels = subjects.flatMap((each, i) =>
    Object.entries(each).map(([key, value]) => ({ subject_id: ids[i]!, key, value }))
  );
  setLabels(store, labels, { setBy: "import:x", now: NOW });
  return store;
}

Deno.test("selectorSql() agrees with matchesSelector() on any labels", () => {
  fc.assert(
    fc.property(
      fc.array(LABELS, { minLength: 1, maxLength: 6 }),
      fc.array(SELECTOR, { minLength: 1, maxLength: 10 }),
      (subjects, texts) => {
        using store = labelled(subjects);
        for (const text of texts) {
          const selector = parseSelector(text);
          const { sql, params } = selectorSql(selector, "subjects.subject_id");
          const found = store.database.prepare(
            `SELECT subject_id FROM subjects WHERE ${sql} ORDER BY subject_id`,
          ).all(...params).map((row) => row["subject_id"]);
          const expected = subjects.flatMap((labels, i) =>
            matchesSelector(selector, { ...labels, "substrate.kind": "teleport-recording" })
              ? [`s-${i}`]
              : []
          );
          assert.deepEqual(found, expected, text);
        }
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("parseSelector() gives a selector or a LabelError for any text", () => {
  const piece = fc.constantFrom(...["a", "in", "notin", "(", ")", ",", "=", "!", "<", " ", "é"]);
  const texts = fc.oneof(fc.string(), fc.array(piece).map((pieces) => pieces.join("")));
  fc.assert(
    fc.property(texts, (text) => {
      try {
        for (const { key } of parseSelector(text)) assert.ok(key.length > 0);
      } catch (error) {
        assert.ok(error instanceof LabelError, String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("selectorSql() holds no key or value, and takes only a column's name", () => {
  const { sql, params } = selectorSql(parseSelector("k1=v1,k2!=v2,k3 in (v3,v4),k5,!k6"), "t.id");
  assert.deepEqual(params, ["k1", "v1", "k2", "v2", "k3", "v3", "v4", "k5", "k6"]);
  assert.doesNotMatch(sql, /[kv]\d/);
  assert.equal(sql.split("?").length - 1, params.length);
  assert.throws(() => selectorSql([], "id; DROP TABLE labels"), TypeError);
});

Deno.test("the largest selector that is taken also runs", () => {
  using store = sampleStore("s-1");
  const most = parseSelector(Array.from({ length: 500 }, (_, i) => `k${i}!=v`).join());
  const longest = parseSelector(`a notin (${"b,".repeat(5_000)})`);
  for (const selector of [most, longest, parseSelector(`a notin (${unique(3_000)})`)]) {
    const { sql, params } = selectorSql(selector, "subject_id");
    const found = store.database.prepare(`SELECT count(*) AS n FROM subjects WHERE ${sql}`)
      .get(...params);
    assert.equal(found!["n"], 1);
  }
});

function unique(count: number): string {
  return Array.from({ length: count }, (_, i) => i.toString(36)).join();
}
