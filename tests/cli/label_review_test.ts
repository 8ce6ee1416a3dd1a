import assert from "node:assert/strict";
import { join } from "node:path";
import { jsonLines, shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

async function storeAt(path: string): Promise<{ db: string[]; ids: string[] }> {
  const db = ["--db", path];
  await shellscope("parse", "fixtures/casts", ...db);
  await shellscope("classify", ...db);
  const { out } = await shellscope("sessions", "--format", "jsonl", ...db);
  return { db, ids: jsonLines(out).map(({ session_id }) => String(session_id)) };
}

Deno.test("label import of another reviewer's labels keeps both, and label agreement compares them", async () => {
  using folder = temporaryFolder();
  const ana = await storeAt(join(folder.path, "ana.sqlite"));
  const bo = await storeAt(join(folder.path, "bo.sqlite"));
  const truth = "truth.operator-type";
  const set = (of: { db: string[] }, by: string, id: string, value: string) =>
    shellscope("label", "set", id, `${truth}=${value}`, "--by", by, ...of.db);
  const [one, two, three] = ana.ids as [string, string, string];
  for (const [id, a, b] of [[one, "human", "human"], [two, "agent", "human"]] as const) {
    await set(ana, "ana", id, a);
    await set(bo, "bo", id, b);
  }
  await set(bo, "bo", three, "agent");
  const file = join(folder.path, "bo.jsonl");
  await Deno.writeTextFile(file, (await shellscope("label", "export", ...bo.db)).out);

  const imported = await shellscope("label", "import", file, ...ana.db);
  assert.equal(imported.status, 3);
  assert.match(imported.err, /manual:ana says agent, which stays/);
  assert.match(imported.err, /2 labels imported, 1 in conflict, 0 refused/);
  const labels = jsonLines(
    (await shellscope("label", "ls", two, "--format", "jsonl", ...ana.db)).out,
  );
  assert.equal(labels.find(({ key }) => key === truth)?.value, "agent");

  const agreement = await shellscope("label", "agreement", "--format", "jsonl", ...ana.db);
  assert.deepEqual(jsonLines(agreement.out), [
    {
      ...{ key: truth, reviewers: "ana, bo", n: 2, agreed: 1, measure: "Cohen's kappa", value: 0 },
    },
    {
      ...{ key: truth, reviewers: "all 2", n: 2, agreed: 1 },
      ...{ measure: "Krippendorff's alpha", value: 0 },
    },
    { subject_id: two, key: truth, said: "ana: agent, bo: human" },
  ]);
  assert.match(agreement.err, /1 in conflict/);
  const none = await shellscope("label", "agreement", "--key", "review.state", ...ana.db);
  assert.match(none.err, /No session was labelled by two reviewers/);

  const exported = jsonLines((await shellscope("label", "export", ...ana.db)).out);
  assert.deepEqual(exported.map(({ set_by }) => set_by).toSorted(), [
    ...["manual:ana", "manual:ana", "manual:bo", "manual:bo", "manual:bo"],
  ]);
});

Deno.test("label next names what reviewers contradict each other on first, then what is not labelled", async () => {
  using folder = temporaryFolder();
  const { db, ids } = await storeAt(join(folder.path, "s.sqlite"));
  const next = async (...args: string[]) =>
    jsonLines((await shellscope("label", "next", "--format", "jsonl", ...args, ...db)).out);
  // the fixtures come with their labels
  assert.deepEqual(await next(), []);
  for (const id of ids) await shellscope("label", "rm", id, "truth.operator-type", ...db);
  const before = await next("--limit", "4");
  assert.ok(before.length > 0);
  assert.deepEqual(await next("--limit", "4"), before);
  await shellscope("label", "set", ids[0]!, "truth.operator-type=human", "--by", "ana", ...db);
  await shellscope("label", "set", ids[0]!, "truth.operator-type=agent", "--by", "bo", ...db);
  const [first, ...others] = await next();
  assert.equal(first!.subject_id, ids[0]);
  assert.equal(first!.why, "disagreement");
  assert.ok(others.every(({ subject_id }) => subject_id !== ids[0]));
  assert.equal((await shellscope("label", "next", "--limit", "none", ...db)).status, 2);
});
