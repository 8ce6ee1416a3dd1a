import assert from "node:assert/strict";
import { configSchema } from "../../../lib/config/config.ts";
import type { RawMinute } from "../../../lib/model/call_minute.ts";
import { pullApi } from "../../../lib/pipeline/api/pull_api.ts";
import { putAcross } from "../../../lib/pipeline/across/put_across.ts";
import { listLabels, setLabels } from "../../../lib/store/labels.ts";
import { mergeStore } from "../../../lib/store/merge.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { rawMinute } from "../../sessions/raw_minute.ts";
import { MemorySource } from "../api/memory_source.ts";

const BEGIN = Date.parse("2026-03-10T00:00:00Z");
const NOW = new Date("2026-03-20T00:00:00Z");
const SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_";

function google(at: number, name: string, userAgent = "curl/8.0"): RawMinute {
  return rawMinute({ name, userAgent, offsets: [0, 500], minuteMs: BEGIN + at * 60_000 });
}

function amazon(at: number, name: string, userAgent = "curl/8.0"): RawMinute {
  const row = google(at, name, userAgent);
  return {
    ...{ ...row, substrate: "aws-cloudtrail", resolutionMs: 1000 },
    principal: { ...row.principal, type: "AssumedRole" },
  };
}

async function put(store: Store, identity: object = {}): Promise<void> {
  const config = configSchema.parse({ identity: { domain: "example.com", ...identity } });
  await putAcross(store, { ...config, now: NOW });
}

async function storeOf(calls: RawMinute[]): Promise<Store> {
  const store = openStore(":memory:", { now: () => NOW });
  for (const substrate of ["gcp-cloud-audit", "aws-cloudtrail"] as const) {
    const own = calls.filter((row) => row.substrate === substrate);
    await pullApi(store, new MemorySource(own, substrate, substrate), {
      ...{ idleSeconds: 600, foldSeconds: 2, runId: null, now: () => NOW },
    });
  }
  await put(store);
  return store;
}

/** Activities with the principals of their sessions, and how many calls they have. */
function activities(
  store: Store,
): { principal: string; of: string[]; calls: number; id: string }[] {
  return store.database.prepare(
    `SELECT subject_id, activities.principal, call_calls, (
       SELECT json_group_array(DISTINCT sessions.principal)
       FROM activity_members JOIN sessions USING (session_id)
       WHERE activity_members.subject_id = activities.subject_id
     ) AS of
     FROM activities JOIN features_call USING (subject_id) ORDER BY activities.started_at`,
  ).all().map((row) => ({
    id: String(row["subject_id"]),
    principal: String(row["principal"]),
    of: (JSON.parse(String(row["of"])) as string[]).sort(),
    calls: Number(row["call_calls"]),
  }));
}

Deno.test("sessions of one identity are one activity, however its principals are spelt", async () => {
  const [admin, viewer] = [`${SSO}Admin_0a1b2c3d4e5f6071/anna`, `${SSO}View_1a1b2c3d4e5f6072/anna`];
  using store = await storeOf([
    ...[
      google(10, "anna@example.com"),
      google(12, "Anna@Example.com", "HashiCorp Terraform/1.9.0"),
    ],
    ...[amazon(300, admin), amazon(301, viewer, "HashiCorp Terraform/1.9.0")],
    // whoever calls a role's session so may be anybody: by the principal as it is spelt
    amazon(300, "arn:aws:sts::111122223333:assumed-role/ops/anna@example.com"),
    // nobody's that is known
    ...[google(500, "svc"), google(501, "svc", "HashiCorp Terraform/1.9.0")],
    ...[google(501, "Svc"), google(700, "ben@example.com")],
  ]);
  assert.deepEqual(activities(store).map(({ id: _, ...rest }) => rest), [
    {
      principal: "anna@example.com",
      ...{ of: ["Anna@Example.com", "anna@example.com"], calls: 4 },
    },
    { principal: "anna@example.com", of: [admin, viewer], calls: 4 },
    { principal: "svc", of: ["svc"], calls: 4 },
  ]);
});

Deno.test("activities follow the rules of identities, and marks their sessions", async () => {
  using store = await storeOf([
    ...[google(10, "anna@example.com"), google(12, "a.nna@example.com")],
    google(14, "anna@example.com", "HashiCorp Terraform/1.9.0"),
    ...[google(400, "carl@example.com"), google(401, "c@example.com")],
  ]);
  const mark = (subject_id: string) =>
    setLabels(store, [{ subject_id, key: "review.seen", value: "yes" }], {
      ...{ setBy: "manual:ana", now: NOW },
    });
  const seen = (id: string) => listLabels(store, id).some(({ key }) => key === "review.seen");
  const [alone, ...none] = activities(store);
  assert.deepEqual(none, []);
  assert.deepEqual(alone!.of, ["anna@example.com"]);
  mark(alone!.id);
  const people = {
    "a.nna@example.com": "anna@example.com",
    ...{ "carl@example.com": "carl", "c@example.com": "carl" },
  };
  await put(store, { people });
  const [together, carl, ...others] = activities(store);
  assert.deepEqual(others, []);
  assert.deepEqual(together!.of, ["a.nna@example.com", "anna@example.com"]);
  assert.equal(together!.calls, 6);
  assert.deepEqual(carl!.of, ["c@example.com", "carl@example.com"]);
  assert(seen(together!.id), "what people wrote down stays with most of the sessions");
  mark(carl!.id);
  const rows = () => JSON.stringify(store.database.prepare("SELECT * FROM activities").all());
  const before = rows();
  await put(store, { people });
  assert.equal(rows(), before);
  // back again: two of three sessions stay an activity, and two others are none
  await put(store);
  assert.deepEqual(activities(store).map(({ of, calls }) => ({ of, calls })), [
    { of: ["anna@example.com"], calls: 4 },
  ]);
  assert(seen(activities(store)[0]!.id));
  const lost = store.database.prepare("SELECT uri, reason FROM skips").all();
  assert.deepEqual(lost.map(({ uri }) => uri), [carl!.id]);
  assert.match(String(lost[0]!["reason"]), /by hand on an activity/);
  const left = store.database.prepare(
    "SELECT count(*) AS n FROM subjects WHERE kind = 'activity'",
  ).get()!;
  assert.equal(left["n"], 1);
});

Deno.test("an activity is measured anew where a session of it changes or goes", async () => {
  const three = [
    ...[google(10, "anna@example.com"), google(12, "Anna@example.com")],
    google(14, "anna@example.com", "HashiCorp Terraform/1.9.0"),
  ];
  using store = await storeOf(three);
  const pull = async (calls: RawMinute[]) => {
    await pullApi(store, new MemorySource(calls, "gcp-cloud-audit"), {
      ...{ idleSeconds: 600, foldSeconds: 2, runId: null, now: () => NOW, force: true },
      ...{ since: new Date(BEGIN), until: new Date(BEGIN + 86_400_000) },
    });
    await put(store);
  };
  assert.equal(activities(store)[0]!.calls, 6);
  await pull([...three, google(11, "anna@example.com")]);
  assert.equal(activities(store)[0]!.calls, 8);
  await pull(three.slice(0, 2));
  assert.deepEqual(activities(store).map(({ calls }) => calls), [4]);
  await pull([]);
  assert.deepEqual(activities(store), []);
});

Deno.test("an activity of two stores is measured anew when they are merged", async () => {
  const own = [
    google(10, "anna@example.com"),
    google(12, "anna@example.com", "HashiCorp Terraform/1.9.0"),
  ];
  using into = await storeOf(own);
  using from = await storeOf([...own, google(13, "Anna@example.com")]);
  assert.deepEqual(activities(into).map(({ calls }) => calls), [4]);
  mergeStore(into, from, { now: NOW });
  await put(into);
  const told = (store: Store) => activities(store).map(({ id, of, calls }) => ({ id, of, calls }));
  assert.deepEqual(told(into), told(from));
  assert.deepEqual(told(into).map(({ calls }) => calls), [6]);
});
