import assert from "node:assert/strict";
import { join } from "node:path";
import { listLabels } from "../../lib/store/labels.ts";
import { upsertSession } from "../../lib/store/sessions.ts";
import { openStore } from "../../lib/store/store.ts";
import { sessionRow } from "../store/sample.ts";
import { shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("label import takes a table of truth for API sessions, and names rows that fit none", async () => {
  using folder = temporaryFolder();
  const db = join(folder.path, "s.sqlite");
  {
    using store = openStore(db);
    const started_at = "2026-01-01T09:10:00.000Z";
    upsertSession(
      store,
      sessionRow({ session_id: "calls", driver: "gcloud", kind: "api", started_at }),
    );
  }
  const file = join(folder.path, "truth.tsv");
  const rows = [
    "principal\tsince\tuntil\ttruth.operator-type",
    "ana@example.com\t2026-01-01T09:00:00Z\t2026-01-01T10:00:00Z\thuman",
    "ben@example.com\t2026-01-01T09:00:00Z\t2026-01-01T10:00:00Z\tagent",
  ];
  for (let i = 0; i < 150; i++) rows.push(rows[2]!);
  // as a spreadsheet saves it
  Deno.writeTextFileSync(file, `\ufeff${rows.join("\r\n")}`);
  const { status, err } = await shellscope("label", "import", file, "--db", db);
  assert.equal(status, 3);
  assert.match(err, /truth\.tsv:3: no session of this principal begins then/);
  assert.match(err, /truth\.tsv: 51 more rows fit no session/);
  assert.equal(err.split("\n").length, 103, "told one by one up to a bound");
  assert.match(err, /1 label of 1 session imported, 0 refused/);
  using store = openStore(db, { readOnly: true });
  const truth = listLabels(store, "calls").find(({ key }) => key === "truth.operator-type");
  assert.deepEqual([truth?.value, truth?.set_by], ["human", "import:table"]);
});
