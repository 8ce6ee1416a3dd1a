import assert from "node:assert/strict";
import { SharingError, type SharingFault } from "../../lib/model/errors.ts";
import { html, show, table } from "../../lib/notebook/display.ts";
import type { Output } from "../../lib/notebook/nbformat.ts";
import { REPLAY_TYPE } from "../../lib/notebook/player.ts";
import { renderCells } from "../../lib/notebook/render_cells.ts";
import { checkSharing, markupText } from "../../lib/notebook/sharing_check.ts";
import { Pseudonyms } from "../../lib/redact/pseudonyms.ts";
import { WordList } from "../../lib/redact/word_list.ts";
import { drawer, NAMED_FORMATS } from "../redact/generated_secrets.ts";
import { seeded } from "../seeded.ts";
import { code, displayed, markdown, notebook } from "./notebooks.ts";

const pseudonyms = new Pseudonyms(new Uint8Array(32), [
  { kind: "person", name: "alice@example.com" },
  { kind: "login", name: "root" },
  { kind: "target", name: "db-1.example.net" },
]);
const words = new WordList<string>();
words.add("acme", "acme");
const KNOWN = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

const REPLAY = { title: "T", note: "", columns: 80, rows: 24, prints: [[0, "xxx"]] };

type Cells = Parameters<typeof notebook>;

function faultsOf(
  cells: Cells,
  options: { rewrite?: boolean; provenance?: string } = {},
): SharingFault[] {
  const { provenance = "" } = options;
  const rewrite = options.rewrite === false ? {} : {
    rewrite: (text: string) => pseudonyms.rewrite(text),
  };
  const rendered = renderCells(notebook(...cells), { headings: [], ...rewrite });
  const isKnownId = (token: string) => token === KNOWN;
  try {
    checkSharing(rendered, { file: "n.ipynb", provenance, pseudonyms, words, isKnownId });
  } catch (error) {
    assert.ok(error instanceof SharingError);
    return [...error.faults];
  }
  return [];
}

function printed(text: string): Output {
  return { output_type: "stream", name: "stdout", text };
}

Deno.test("checkSharing() finds a secret of every format in every kind of output", () => {
  const draw = drawer(seeded(5));
  for (const [kind, make] of NAMED_FORMATS) {
    const secret = make(draw);
    const outputs: Output[] = [
      printed(`first\nthe key is ${secret}`),
      displayed({ "text/html": table([{ key: secret }], { maxLength: 3000 }).markup }),
      displayed({ "text/html": html`<p title="${secret}">x</p>`.markup }),
      displayed({ "image/svg+xml": `<svg viewBox="0 0 9 9"><text>${secret}</text></svg>` }),
      displayed({ "text/markdown": `\`\`\`\n${secret}\n\`\`\`` }),
      displayed({ "application/json": { key: secret } }),
      { output_type: "error", ename: "Error", evalue: "x", traceback: [secret] },
    ];
    for (const output of outputs) {
      const kinds = faultsOf([code("1", { outputs: [output] })]).map((fault) => fault.kind);
      assert.ok(kinds.includes(kind), `${kind} in ${JSON.stringify(output).slice(0, 200)}`);
    }
    assert.deepEqual(faultsOf([code("1"), code(`const k = "${secret}";`)])[0]?.cell, 2);
    assert.deepEqual(faultsOf([markdown(`so ${secret}`)])[0]?.where, "text");
  }
});

Deno.test("checkSharing() names cell, place, kind and line, and does not quote", () => {
  const secret = NAMED_FORMATS[3]![1](drawer(seeded(1)));
  const cells = [markdown("# T"), code("1"), code("2", { outputs: [printed(`a\nb ${secret}`)] })];
  try {
    const rendered = renderCells(notebook(...cells), { headings: [] });
    checkSharing(rendered, {
      ...{ file: "n.ipynb", provenance: "", pseudonyms, words, isKnownId: () => false },
    });
    assert.fail("it let a secret through");
  } catch (error) {
    assert.equal(
      (error as Error).message,
      "The page is not for sharing and was not written\n" +
        "n.ipynb, cell 3: the output holds github-token (line 2)",
    );
  }
});

Deno.test("checkSharing() finds words, raw content, recordings and pictures", () => {
  const cases: [Output, string][] = [
    [printed("made for ACME"), "word"],
    [displayed({ "text/html": "<p>ac<b>me</b></p>" }), "word"],
    [printed("root@web-1:~# id"), "terminal-text"],
    [displayed({ "text/html": table([{ a: "\x1b[31mx" }]).markup }), "terminal-text"],
    [printed(`{"requestParameters": {"bucketName": "x"}}`), "payload"],
    [displayed({ "image/png": "iVBORw0KGgo=" }), "picture"],
    [printed("9f86d081884c7d659a2feaa0c55ad015aaaaaaaaaaaaaaaaaaaaaaaaa15b0f00"), "high-entropy"],
    [printed("/home/alice/x"), "path"],
    [displayed({ [REPLAY_TYPE]: REPLAY }), "recording"],
  ];
  for (const [output, kind] of cases) {
    const faults = faultsOf([code("1", { outputs: [output] })], { rewrite: false });
    assert.ok(faults.some((fault) => fault.kind === kind), `${kind}: ${JSON.stringify(faults)}`);
  }
});

Deno.test("checkSharing() lets pass what was rewritten, ids of the store, and plain words", () => {
  const svg = `<svg viewBox="0 0 9 9"><title>alice@example.com</title><text>db-1</text></svg>`;
  const cells = [
    markdown("Who became root, and `select` the sessions from which build?"),
    code(`const rows = store.query("SELECT login FROM sessions"); // root`, {
      outputs: [
        printed(`alice@example.com as root on db-1.example.net from 10.0.0.1: ${KNOWN}`),
        displayed({ "text/html": table([{ who: "alice@example.com", as: "root" }]).markup }),
        displayed({ "text/html": html`<p title="alice@example.com">b</p>`.markup }),
        displayed({ "text/html": show(svg).markup }),
      ],
    }),
  ];
  assert.deepEqual(faultsOf(cells), []);
  assert.ok(faultsOf(cells, { rewrite: false }).some((fault) => fault.kind === "name"));
});

Deno.test("checkSharing() finds names in the author's text and code", () => {
  assert.deepEqual(faultsOf([markdown("we asked alice"), code(`const t = "db-1";`)]), [
    { cell: 1, where: "text", kind: "name", line: 1 },
    { cell: 2, where: "code", kind: "name", line: 1 },
  ]);
});

Deno.test("checkSharing() looks at what the page says of itself, and at pasted terminal text", () => {
  assert.deepEqual(faultsOf([], { provenance: "<p>x</p><td>acme.sqlite</td>" }), [
    { cell: 0, where: "provenance", kind: "word", line: 2 },
  ]);
  assert.deepEqual(faultsOf([markdown("so:\n\nroot@web-9:~# id")]).map(({ kind }) => kind), [
    "terminal-text",
  ]);
});

Deno.test("markupText() puts blocks on lines of their own, joins what runs on, reads attributes", () => {
  assert.equal(
    markupText(`<p title="t &amp; u">a<b>b</b>c</p><table><tr><td>1</td><td>2</td></tr></table>`),
    "\nt & u\nabc\n1\n2\n",
  );
});
