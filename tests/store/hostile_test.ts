import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "../property.ts";
import type { SessionRow } from "../../lib/model/session.ts";
import { readWideRows } from "../../lib/store/frame.ts";
import { addNote, listNotes } from "../../lib/store/notes.ts";
import { keyedHash } from "../../lib/store/keyed_hash.ts";
import { sessionFrame } from "../../lib/store/polars_frame.ts";
import { storableText } from "../../lib/store/statement.ts";
import { addAlias, resolveSessionId, upsertSession } from "../../lib/store/sessions.ts";
import { openStore } from "../../lib/store/store.ts";
import { recordSkips } from "../../lib/store/runs.ts";
import { dump, inFolder, NOW, sampleStore, sessionRow } from "./sample.ts";

const HOSTILE = [
  `'); DROP TABLE sessions; --`,
  `"quoted" 'twice' \`thrice\``,
  "NUL\u0000behind",
  "\u0000",
  "?1 :name @name $name",
  "%_*[a-z]",
  "\u001b]0;title\u0007\u202eright to left\u{e0041}",
  "ünïcödé 🦀 \u{10ffff}",
  "x".repeat(1_000_000),
  "half of a pair: \ud800",
  " ",
  "",
];

Deno.test("hostile text goes in and comes out as text", () => {
  for (const hostile of HOSTILE) {
    const text = storableText(hostile);
    using store = sampleStore("s-1");
    const session_id = `id ${hostile}`;
    const names = { principal: hostile, login: hostile, target: hostile, scope: hostile };
    const row = sessionRow({ session_id, ...names });
    assert.equal(upsertSession(store, row), "inserted");
    assert.equal(upsertSession(store, row), "unchanged");
    addNote(store, {
      subject_id: session_id,
      text: hostile,
      set_by: "manual:ana",
      set_at: NOW.toJSON(),
    });
    addAlias(store, `alias ${hostile}`, session_id);
    const skip = { source: hostile, uri: hostile, reason: hostile, detail: hostile, count: 1 };
    recordSkips(store, [skip, skip]);
    assert.match(keyedHash(store, hostile), /^[0-9a-f]{16}$/);
    const [wide, ...others] = readWideRows(store, { subjects: [session_id] });
    assert.deepEqual([others, wide!["principal"], wide!["scope"]], [[], text, text]);
    assert.equal(listNotes(store, session_id)[0]!.text, text);
    assert.equal(resolveSessionId(store, `alias ${hostile}`), `id ${text}`);
    assert.equal(resolveSessionId(store, session_id), `id ${text}`);
    const frame = sessionFrame(store, { subjects: [session_id] });
    assert.deepEqual(frame.getColumn("principal").toArray(), [text]);
    assert.equal([...readWideRows(store)].length, 2);
  }
});

/** Any UTF-16 code units at all, halves of pairs among them. */
const ANY_TEXT = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) =>
  String.fromCharCode(...units)
);

Deno.test("any text goes in and comes out; only NUL and halves of pairs are replaced", () => {
  const texts = fc.oneof(ANY_TEXT, fc.string({ unit: "binary" }), fc.string());
  fc.assert(
    fc.property(texts, texts, (id, principal) => {
      using store = sampleStore();
      const session = sessionRow({ session_id: `s-${id}`, principal });
      upsertSession(store, session);
      assert.equal(upsertSession(store, session), "unchanged");
      const [row] = readWideRows(store);
      assert.equal(row!.subject_id, storableText(`s-${id}`));
      assert.equal(row!["principal"], principal.toWellFormed().replaceAll("\0", "\ufffd"));
      assert.deepEqual([...readWideRows(store, { subjects: [`s-${id}`] })], [row]);
    }),
    { numRuns: 40 },
  );
});

Deno.test(
  "the same input gives the same rows, in any order, in any store",
  inFolder((folder) => {
    const rows: SessionRow[] = HOSTILE.slice(0, 8).map((text, i) =>
      sessionRow({ session_id: `s-${i}`, principal: text })
    );
    const dumps = [rows, rows.toReversed(), [...rows, ...rows]].map((input, i) => {
      using store = openStore(join(folder, `${i}.sqlite`), { now: () => NOW });
      for (const row of input) upsertSession(store, row);
      // the history tells the order of changes, so it may differ
      return dump(store, { without: ["label_history"] });
    });
    assert.equal(dumps[1], dumps[0]);
    assert.equal(dumps[2], dumps[0]);
  }),
);
