import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { beginRequest, endRequest, type LlmRequest, shareAnswer } from "../../lib/store/llm.ts";
import { readAnswers } from "../../lib/store/llm_answers.ts";
import { putDigest } from "../../lib/store/llm_digests.ts";
import { moveSession } from "../../lib/store/move_session.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { inFolder, NOW, sampleStore } from "./sample.ts";

const MODEL = { model: "m", promptHash: "p" };

function digest(store: Store, digestHash: string, windows: number): void {
  putDigest(store, {
    ...{ subjectId: "s-1", digestHash, kind: "pty", windows, lines: 9, characters: 99 },
    ...{ redacted: { password: 2 }, withheld: 1, invisible: 3, elided: 4, stopped: null },
  });
}

function request(window: number, more: Partial<LlmRequest> = {}): LlmRequest {
  const { host = "a", digestHash = "d1" } = more;
  const key = `${digestHash} ${host} ${window}`;
  return { key, subjectId: "s-1", host, ...MODEL, digestHash, window, ...more };
}

function answer(store: Store, request: LlmRequest, at = NOW): void {
  beginRequest(store, request, at);
  endRequest(store, request, {
    ...{ state: "answered", mode: "plain", finding: request.key, inputTokens: 1, outputTokens: 1 },
    ...{ cost: 1, estimated: false, tries: 1, latencySeconds: 1, now: at },
  });
}

Deno.test("readAnswers() gives nothing of a subject of which a window has no answer", () => {
  using store = sampleStore("s-1");
  digest(store, "d1", 3);
  answer(store, request(1));
  answer(store, request(2));
  assert.deepEqual(readAnswers(store, MODEL), new Map());
  // a run that was killed while the last window was under way
  beginRequest(store, request(3), NOW);
  assert.deepEqual(readAnswers(store, MODEL), new Map());
  answer(store, request(3));
  assert.deepEqual(readAnswers(store, MODEL), new Map([["s-1", ["d1 a 1", "d1 a 2", "d1 a 3"]]]));
});

Deno.test("readAnswers() mixes neither an older digest's answers in nor another host's", () => {
  using store = sampleStore("s-1");
  digest(store, "d1", 2);
  answer(store, request(1));
  answer(store, request(2));
  digest(store, "d2", 2);
  assert.deepEqual(readAnswers(store, MODEL), new Map());
  answer(store, request(1, { digestHash: "d2" }));
  answer(store, request(2, { digestHash: "d2", host: "b" }), new Date(NOW.getTime() + 1));
  assert.deepEqual(readAnswers(store, MODEL), new Map());
  answer(store, request(1, { digestHash: "d2", host: "b" }));
  assert.deepEqual(readAnswers(store, MODEL), new Map([["s-1", ["d2 b 1", "d2 b 2"]]]));
});

Deno.test("shareAnswer() puts an answer about the same text on another subject's record", () => {
  using store = sampleStore("s-1", "s-2");
  digest(store, "d1", 1);
  answer(store, request(1));
  putDigest(store, {
    ...{ subjectId: "s-2", digestHash: "d1", kind: "pty", windows: 1, lines: 9, characters: 99 },
    ...{ redacted: {}, withheld: 0, invisible: 0, elided: 0, stopped: null },
  });
  shareAnswer(store, request(1, { subjectId: "s-2" }));
  assert.deepEqual([...readAnswers(store, MODEL).keys()], ["s-1", "s-2"]);
});

Deno.test("moveSession() takes what a model said along", () => {
  using store = sampleStore("s-1", "s-2");
  answer(store, request(1));
  moveSession(store, { from: "s-1", to: "s-2", now: NOW });
  const rows = store.database.prepare("SELECT subject_id FROM llm_answers").all();
  assert.deepEqual(rows.map((row) => row["subject_id"]), ["s-2"]);
});

Deno.test(
  "answers of a store of version 5 stay readable",
  inFolder((folder) => {
    const path = join(folder, "s.sqlite");
    const old = new DatabaseSync(path);
    const folderOfThem = new URL("../../lib/store/migrations/", import.meta.url);
    const first = [...Deno.readDirSync(folderOfThem)].map(({ name }) => name).sort().slice(0, 5);
    for (const name of first) old.exec(Deno.readTextFileSync(new URL(name, folderOfThem)));
    old.exec(`PRAGMA application_id = ${0x73687363}; PRAGMA user_version = 5;
      INSERT INTO sessions (session_id, substrate, kind, updated_at)
        VALUES ('s-1', 'asciicast', 'pty', 't'), ('s-2', 'asciicast', 'pty', 't');
      INSERT INTO subjects (subject_id, kind, session_id)
        VALUES ('s-1', 'session', 's-1'), ('s-2', 'session', 's-2');
      INSERT INTO llm_answers VALUES
        ('k1', 's-1', 'm', 'p', 1, 'no-json', 'plain', NULL, 't1'),
        ('k2', 's-1', 'm', 'p', 1, 'answered', 'plain', 'one', 't2'),
        ('k3', 's-1', 'm', 'p', 2, 'answered', 'plain', 'two', 't3'),
        ('k4', 's-2', 'm', 'p', 1, 'answered', 'plain', 'half', 't1'),
        ('k5', 's-2', 'm', 'p', 2, 'sent', NULL, NULL, 't2'),
        ('k6', 'gone', 'm', 'p', 1, 'answered', 'plain', 'nobody', 't2')`);
    old.close();
    using store = openStore(path);
    assert.deepEqual(readAnswers(store, MODEL), new Map([["s-1", ["one", "two"]]]));
  }),
);
