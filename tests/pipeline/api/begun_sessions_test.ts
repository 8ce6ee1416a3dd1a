import assert from "node:assert/strict";
import { BegunSessions } from "../../../lib/pipeline/api/begun_sessions.ts";
import { upsertSession } from "../../../lib/store/sessions.ts";
import fc from "../../property.ts";
import { sampleStore, sessionRow } from "../../store/sample.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 2, 10, 8, minute)).toISOString();
const minute = fc.integer({ min: 0, max: 20 });
const driver = fc.constantFrom("", "a", "aws", "aws-cli 1", "aws-cli 2", "gcloud");

Deno.test("BegunSessions gives what a query a row would give, each session once", () => {
  const sessions = fc.array(fc.record({ begin: minute, driver }), { maxLength: 12 });
  const asked = fc.array(fc.record({ driver, since: minute, until: minute }), { maxLength: 12 });
  fc.assert(
    fc.property(sessions, asked, (sessions, asked) => {
      using store = sampleStore();
      sessions.forEach(({ begin, driver }, i) => {
        const row = { session_id: `s-${i}`, kind: "api" as const, principal: "ana" };
        upsertSession(store, sessionRow({ ...row, driver, started_at: at(begin) }));
      });
      const find = store.statement(
        `SELECT session_id FROM sessions WHERE principal = ? AND substr(driver, 1, ?) = ?
           AND started_at >= ? AND started_at < ? ORDER BY session_id`,
      );
      const begun = new BegunSessions(store, "ana");
      const taken = new Set<string>();
      for (const { driver, since, until } of asked) {
        const all = find.all("ana", driver.length, driver, at(since), at(until))
          .map(({ session_id }) => String(session_id));
        const expected = all.length === 0 ? null : all.filter((id) => !taken.has(id));
        assert.deepEqual(begun.take({ driver, since: at(since), until: at(until) }), expected);
        for (const id of expected ?? []) taken.add(id);
      }
    }),
    { numRuns: 60 },
  );
});
