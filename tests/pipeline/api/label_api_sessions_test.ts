import assert from "node:assert/strict";
import { labelApiSessions } from "../../../lib/pipeline/api/label_api_sessions.ts";
import { parseSessionLabels } from "../../../lib/sources/session_labels.ts";
import { listLabels } from "../../../lib/store/labels.ts";
import { readSkips } from "../../../lib/store/runs.ts";
import { upsertSession } from "../../../lib/store/sessions.ts";
import type { Store } from "../../../lib/store/store.ts";
import { NOW, sampleStore, sessionRow } from "../../store/sample.ts";

function storeOf(...sessions: [id: string, driver: string, startedAt: string][]): Store {
  const store = sampleStore();
  for (const [session_id, driver, started_at] of sessions) {
    upsertSession(
      store,
      sessionRow({ session_id, driver, started_at, substrate: "gcp-cloud-audit", kind: "api" }),
    );
  }
  return store;
}

function truthOf(store: Store, id: string): string | undefined {
  return listLabels(store, id).find(({ key }) => key === "truth.operator-type")?.value;
}

const HEAD = "principal\tsince\tuntil\tdriver\ttruth.operator-type";
const TABLE = parseSessionLabels(
  [
    HEAD,
    "ana@example.com\t2026-01-01T09:00:00Z\t2026-01-01T10:00:00Z\t\thuman",
    "ana@example.com\t2026-01-01T09:00:00Z\t2026-01-01T10:00:00Z\tagent.\tagent",
    "ana@example.com\t2026-01-02T09:00:00Z\t2026-01-02T10:00:00Z\t\tautomation",
  ].join("\n"),
  "labels.tsv",
);

Deno.test("labelApiSessions() labels what begins in the time of a row, by the row that knows the driver", () => {
  using store = storeOf(
    ["typed", "gcloud 203.0.113.7", "2026-01-01T09:10:00.000Z"],
    ["driven", "agent.cursor 203.0.113.8", "2026-01-01T09:10:30.000Z"],
    ["after", "gcloud 203.0.113.7", "2026-01-01T10:00:00.000Z"],
  );
  const counts = labelApiSessions(store, TABLE, { now: NOW });
  assert.equal(counts.sessions, 2);
  assert.deepEqual(["typed", "driven", "after"].map((id) => truthOf(store, id)), [
    ...["human", "agent"],
    undefined,
  ]);
  const setBy = listLabels(store, "typed").find(({ key }) => key === "truth.operator-type")?.set_by;
  assert.equal(setBy, "import:table");
});

Deno.test("labelApiSessions() says which rows fit no session, and counts them", () => {
  using store = storeOf(["typed", "gcloud 203.0.113.7", "2026-01-01T09:10:00.000Z"]);
  const first = labelApiSessions(store, TABLE, { now: NOW });
  assert.deepEqual(first.unused.map(({ line }) => line), [3, 4]);
  assert.deepEqual(readSkips(store).map(({ reason, count }) => [reason, count]), [
    ["row fits no session", 2],
  ]);
  assert.deepEqual(labelApiSessions(store, TABLE, { now: NOW }), first);
  const shorter = { ...TABLE, rows: TABLE.rows.filter(({ line }) => line === 2) };
  labelApiSessions(store, shorter, { now: NOW });
  assert.deepEqual(readSkips(store), []);
});
