import assert from "node:assert/strict";
import { DOMParser } from "linkedom";
import { parseReplay, playerFrame, REPLAY_TYPE } from "../../lib/notebook/player.ts";
import { renderNotebook } from "../../lib/notebook/render_notebook.ts";
import { Replay, replay } from "../../lib/notebook/replay.ts";
import { session } from "../../lib/notebook/session_card.ts";
import { parseRecordings } from "../../lib/pipeline/recordings/parse_recordings.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { openInChromium } from "./chromium.ts";
import { makeFindingsStore } from "./findings_store.ts";
import { assertInert, HOSTILE_TEXT } from "./inert.ts";
import { code, notebook } from "./notebooks.ts";

const now = new Date(Date.UTC(2026, 0, 3));

/** A store of one cast that prints what must not be seen. */
async function castStore(folder: string, prints: [number, string, string][]): Promise<Store> {
  const header = { version: 2, width: 80, height: 24, title: "secret title" };
  const lines = [header, ...prints].map((line) => JSON.stringify(line)).join("\n");
  await Deno.mkdir(`${folder}/casts`);
  await Deno.writeTextFile(`${folder}/casts/a.cast`, `${lines}\n`);
  const store = openStore(`${folder}/s.sqlite`);
  await parseRecordings([`${folder}/casts`], { store, now });
  return store;
}

function onlySession(store: Store): string {
  return String(store.database.prepare("SELECT session_id FROM sessions").get()!["session_id"]);
}

Deno.test("replay() masks what was printed, drops what was typed, and bounds it", async () => {
  using folder = temporaryFolder();
  using store = await castStore(folder.path, [
    [0, "o", "MARKER-77 \x1b]0;MARKER\x07"],
    [1, "i", "MARKER"],
    ...Array.from(
      { length: 25_000 },
      (_, i): [number, string, string] => [2 + i, "o", "MARKER\r\n"],
    ),
  ]);
  const id = onlySession(store);
  const { data } = await replay(store, id);
  assert.equal(data.prints.length, 20_000);
  assert.match(data.note, /Only its beginning/);
  assert.equal(data.prints[0]![1], "XXXXXX-00 ");
  assert.ok(!JSON.stringify(data).includes("MARKER"));
  assert.notEqual(parseReplay(data), null);
  const clear = await replay(store, id.slice(0, 12), { masked: false });
  assert.equal(clear.data.prints[0]![1].slice(0, 9), "MARKER-77");
  await assert.rejects(replay(store, "no-such"), /There is no session "no-such"/);
  await Deno.remove(`${folder.path}/casts/a.cast`);
  await assert.rejects(replay(store, id), /is not on this machine/);
});

Deno.test("playerFrame() can't be left by what it replays", () => {
  const frame = playerFrame({
    title: `"><script>alert(1)</script>`,
    note: "\u202e",
    columns: 80,
    rows: 24,
    prints: [[0, `</script><script>parent.document.title="PWNED"</script>"'&`]],
  });
  const page = new DOMParser().parseFromString(`<!doctype html><body>${frame}</body>`, "text/html");
  assert.equal(page.querySelectorAll("script").length, 0);
  const inner = page.querySelector("iframe")!.getAttribute("srcdoc")!;
  assert.equal(page.querySelector("iframe")!.getAttribute("sandbox"), "allow-scripts");
  assert.ok(!inner.includes(`PWNED"</script>`), "the data block holds no end of its own");
});

Deno.test("renderNotebook() plays a recording in a frame, and lets no other script run", async () => {
  const play = new Replay({ title: "T", note: "N", columns: 80, rows: 24, prints: [[0, "hello"]] });
  const data = Reflect.get(play, Symbol.for("Jupyter.display")).call(play);
  const outputs = [{ output_type: "display_data" as const, data, metadata: {} }];
  const page = renderNotebook(notebook(code("1", { outputs })), { generatedAt: now });
  assert.match(page, /script-src &#39;sha256-/);
  const broken = [{ ...outputs[0]!, data: { [REPLAY_TYPE]: { prints: "x" }, "text/html": "<b>" } }];
  assert.match(
    renderNotebook(notebook(code("1", { outputs: broken })), { generatedAt: now }),
    /Left out: a recording that is too large to replay/,
  );
  const seen = await openInChromium(page);
  if (seen !== null) assert.deepEqual(seen.console, []);
});

Deno.test("session() tells of a session, its labels and evidence; what it held is inert", () => {
  using folder = temporaryFolder();
  makeFindingsStore(`${folder.path}/s.sqlite`, HOSTILE_TEXT, 4);
  using store = openStore(`${folder.path}/s.sqlite`);
  const card = session(store, "session-001");
  assertInert(card.markup.replaceAll(/<style>[^<]*<\/style>/g, ""));
  assert.match(card.markup, /Session session-001/);
  assert.match(card.markup, /<title[^>]*>Rhythm of session-001</);
  assert.throws(() => session(store, "nobody"), /There is no session "nobody"/);
});
