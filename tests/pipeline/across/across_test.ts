import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import MarkdownIt from "markdown-it";
import { configSchema } from "../../../lib/config/config.ts";
import { correlateSessions } from "../../../lib/pipeline/across/correlate.ts";
import { formatCorrelation } from "../../../lib/pipeline/across/format_correlation.ts";
import { OWN_RULES } from "../../../lib/pipeline/own_files.ts";
import { putAcross } from "../../../lib/pipeline/across/put_across.ts";
import { runPipeline } from "../../../lib/pipeline/run.ts";
import { readContradictions, readCorrelations } from "../../../lib/store/correlations.ts";
import { readWideRows } from "../../../lib/store/frame.ts";
import { readUnidentified } from "../../../lib/store/identities.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { readVerdicts } from "../../../lib/store/verdicts.ts";
import { jsonLines, shellscope } from "../../cli/harness.ts";
import { inFolder } from "../../sources/archive_folder.ts";

const ACROSS = fileURLToPath(new URL("../../../fixtures/across", import.meta.url));
const NOW = new Date("2026-04-01T12:00:00Z");

function configOf(store: string) {
  return {
    ...configSchema.parse({ identity: { domain: "example.com" } }),
    store,
    sources: [
      {
        kind: "teleport" as const,
        events: { archive: join(ACROSS, "teleport/events") },
        recordings: { folder: join(ACROSS, "teleport/sessions") },
      },
      { kind: "gcp" as const, archive: join(ACROSS, "gcp") },
      { kind: "aws" as const, archive: join(ACROSS, "aws") },
    ],
  };
}

/** Pairs of sessions of one operator's doing on different substrates. */
function truePairs(store: Store): Set<string> {
  const sessions = [...readWideRows(store, { kind: "session", selector: "fixture.operation" })];
  const pairs = new Set<string>();
  for (const together of Map.groupBy(sessions, (row) => row.labels["fixture.operation"]).values()) {
    for (const [i, a] of together.entries()) {
      for (const b of together.slice(i + 1)) {
        const sides = [a, b].map(({ substrate }) => String(substrate).split("-")[0]);
        if (sides[0] !== sides[1]) pairs.add([a.subject_id, b.subject_id].sort().join(" "));
      }
    }
  }
  return pairs;
}

/** Every row of what is derived across sessions. */
function dump(store: Store): string {
  const tables = [
    ...["identities", "correlations", "contradictions", "correlation_limits", "features_base"],
    ...["activities", "activity_members", "labels", "label_history", "verdicts"],
  ];
  return JSON.stringify(
    tables.map((table) => store.database.prepare(`SELECT * FROM ${table}`).all()),
  );
}

Deno.test("correlations across the fixtures", async (t) => {
  await inFolder(async (folder) => {
    const config = configOf(join(folder, "across.sqlite"));
    const summary = await runPipeline(config, { rules: OWN_RULES, now: () => NOW });
    assert.deepEqual(summary.problems, []);
    using store = openStore(config.store, { now: () => NOW });
    const rows = new Map([...readWideRows(store)].map((row) => [row.subject_id, row]));
    const sourceOf = (id: string) => rows.get(id)?.labels["fixture.source"] ?? "";

    await t.step("precision and recall are measured, and as high as they were", () => {
      const expected = truePairs(store);
      assert.equal(expected.size, 15);
      const found = readCorrelations(store);
      const measured: Record<string, { precision: number; recall: number }> = {};
      for (const [name, tiers] of [["high", ["high"]], ["medium", ["high", "medium"]]] as const) {
        const told = found.filter(({ tier }) => (tiers as readonly string[]).includes(tier));
        const keys = told.map(({ sessions }) => [...sessions].sort().join(" "));
        const right = keys.filter((key) => expected.has(key)).length;
        measured[name] = { precision: right / told.length, recall: right / expected.size };
        const wrong = told.filter((_, i) => !expected.has(keys[i]!));
        console.log(
          `tier ${name} and above: precision ${right}/${told.length}, ` +
            `recall ${right}/${expected.size}` +
            wrong.map(({ sessions }) => `, wrong: ${sourceOf(sessions[0])}`).join(""),
        );
      }
      assert(measured["high"]!.precision >= 0.95 && measured["high"]!.recall >= 0.75);
      assert(measured["medium"]!.precision >= 0.9 && measured["medium"]!.recall >= 0.9);
    });

    await t.step(
      "sessions of different identities are low, and only where commands show as calls",
      () => {
        const identities = new Map(
          store.database.prepare(
            `SELECT session_id, coalesce(identity, principal) AS identity
           FROM sessions JOIN identities USING (substrate, principal)`,
          ).all().map((row) => [String(row["session_id"]), row["identity"]]),
        );
        const found = readCorrelations(store);
        for (const { sessions, identity, otherIdentity, tier } of found) {
          const known = new Set(sessions.map((id) => identities.get(id)));
          assert.deepEqual(known, new Set([identity, otherIdentity ?? identity]));
          if (otherIdentity !== null) assert.equal(tier, "low");
        }
        // the same commands in the same moments, by two people; and a name that only looks like hers
        const strangers = found.filter(({ otherIdentity }) => otherIdentity !== null);
        assert.deepEqual(
          strangers.map((
            { sessions, identity, otherIdentity },
          ) => [sourceOf(sessions[0]), identity, otherIdentity]).sort(),
          [
            ["apart-look-alike", "hana@example.com", "h\u0430na@example.com"],
            ["apart-two-people", "hana@example.com", "ivan@example.com"],
            ["apart-two-people", "judy@example.com", "karl@example.com"],
          ],
        );
        const apart = found.filter(({ otherIdentity }) => otherIdentity === null)
          .flatMap(({ sessions }) => sessions.map(sourceOf));
        for (const source of ["apart-two-people", "apart-look-alike", "apart-later"]) {
          assert(!apart.includes(source), source);
        }
        const unknown = readUnidentified(store, { state: "unmatched", limit: 10 });
        assert.deepEqual(unknown.map(({ principal }) => principal), ["h\u0430na@example.com"]);
      },
    );

    await t.step("contradictions are those that were put in", () => {
      const found = readContradictions(store).map(({ kind, sessions }) => (
        `${kind}: ${sourceOf(sessions[0])}`
      ));
      assert.deepEqual(found.sort(), [
        "agent-marker-disappears: apart-lost-marker",
        "burst-after-hand-over: across-hand-over",
        "impossible-concurrency: apart-two-terminals",
        "person-types-while-agent-calls: apart-agent-elsewhere",
        "person-types-while-agent-calls: apart-agent-elsewhere",
        "person-types-while-agent-calls: apart-agent-elsewhere",
      ]);
    });

    await t.step("both sides bear labels", () => {
      const [surest] = readCorrelations(store);
      const [a, b] = surest!.sessions.map((id) => rows.get(id)!);
      for (const [own, other] of [[a, b], [b, a]] as const) {
        assert.equal(own!.labels["correlation.tier"], "high");
        assert.equal(own!.labels["correlation.id"], surest!.id);
        assert.equal(own!.labels["correlation.cross-substrate"], other!["substrate"]);
      }
    });

    await t.step("short recordings are judged together, and the verdict says so", () => {
      const short = [...rows.values()].filter((row) => (
        row.labels["fixture.source"] === "short-recordings"
      ));
      assert.equal(short.length, 12);
      assert(short.every((row) => row["cohort"] === "insufficient-data"));
      const [{ subject_id }] = store.database.prepare(
        "SELECT subject_id FROM activity_members WHERE session_id = ?",
      ).all(short[0]!.subject_id) as [{ subject_id: string }];
      const activity = rows.get(subject_id)!;
      assert.equal(activity["members"], 12);
      assert.equal(activity["operator_type"], "agent");
      const [verdict] = readVerdicts(store, { writer: "phase1" })
        .filter((row) => row.subject_id === subject_id);
      assert.match(verdict!.reason, /^12 sessions in a row: agent/);
    });

    await t.step("doing it again changes nothing", async () => {
      const before = dump(store);
      await putAcross(store, { ...config, now: new Date("2026-05-01T00:00:00Z") });
      await correlateSessions(store, { ...config, now: new Date("2026-05-01T00:00:00Z") });
      assert.equal(dump(store), before);
    });

    await t.step("the verb lists what there is, and findings tell contradictions", async () => {
      const db = ["--db", config.store];
      const first = await shellscope("correlate", ...db, "--format", "jsonl");
      assert.equal(first.status, 0, first.err);
      const rows = jsonLines(first.out);
      assert.deepEqual(rows.map(({ correlation_id }) => correlation_id), [
        ...readCorrelations(store).map(({ id }) => id),
      ]);
      const id = String(rows[0]!["correlation_id"]).slice(0, 10);
      const one = await shellscope("correlate", id, ...db, "--format", "md");
      assert.match(one.out, /^### Correlation .*: high\n/);
      const unmatched = await shellscope("correlate", ...db, "--show", "unmatched");
      assert.match(unmatched.out, /gcp-cloud-audit +h\u0430na@example\.com +1/);
      const told = await shellscope("correlate", ...db, "--show", "contradictions");
      assert.equal(told.out.match(/person-types-while-agent-calls/g)?.length, 3);
      const listed = await shellscope(
        ...["correlate", ...db, "--show", "activities", "--format", "jsonl"],
      );
      const [largest] = jsonLines(listed.out);
      assert.deepEqual(
        ["operator_type", "sessions", "relation", "principal"].map((name) => largest![name]),
        ["agent", 12, "in-a-row", "wim@example.com"],
      );
      assert.match(listed.err, /Activities\n/);
      const activityId = String(largest!["activity_id"]);
      const explained = await shellscope("classify", ...db, "--explain", activityId.slice(0, 8));
      assert(explained.out.startsWith(`"${activityId}": agent`), explained.out + explained.err);
      const faults: [string[], RegExp][] = [
        [["nobody"], /No correlation has the ID "nobody"/],
        [["--format", "md"], /name its ID/],
        [["a", "b"], /takes one ID/],
        [
          ["--show", "all"],
          /use one of correlations, activities, contradictions, unmatched, ambiguous/,
        ],
      ];
      for (const [args, message] of faults) {
        const { status, err } = await shellscope("correlate", ...args, ...db);
        assert.equal(status, 2);
        assert.match(err, message);
      }
      const findings = jsonLines((await shellscope("findings", ...db, "--format", "jsonl")).out);
      const about = findings.filter(({ subject_id }) => subject_id === largest!["activity_id"]);
      assert.equal((about[0]!["members"] as string[]).length, 12);
      const parts = findings.filter(({ activities }) =>
        (activities as { activity_id: string }[])
          .some(({ activity_id }) => activity_id === largest!["activity_id"])
      );
      assert.equal(parts.length, 12);
      assert.deepEqual(parts[0]!["activities"], [{
        ...{ activity_id: largest!["activity_id"], relation: "in-a-row", sessions: 12 },
        ...{ operator_type: "agent", confidence: largest!["confidence"] },
      }]);
      const kinds = findings.flatMap(({ contradictions }) => contradictions as { kind: string }[])
        .map(({ kind }) => kind);
      assert.equal(kinds.filter((kind) => kind === "agent-marker-disappears").length, 2);
    });

    await t.step("one correlation is inert Markdown", () => {
      const [surest] = readCorrelations(store);
      store.database.prepare("UPDATE sessions SET target = ? WHERE session_id = ?")
        .run("`|<img src=x onerror=alert(1)>\u202e](javascript:x)\n# no", surest!.sessions[0]);
      const text = formatCorrelation(store, surest!);
      assert.match(text, /^### Correlation [0-9a-f]{12}: high\n/);
      assert.match(text, /\| principal \| `\w+@example\.com` \|/);
      assert(!/<img|\u202e|\]\(|\n# no/.test(text), text);
      const rendered = new MarkdownIt({ html: false }).render(text);
      assert(!/<img|<a |<h1/.test(rendered));
      assert.equal(rendered.match(/<tr>/g)?.length, 11);
    });

    await t.step("what is found no more goes away, labels and all", async () => {
      store.database.exec("DELETE FROM identities");
      await correlateSessions(store, { ...config, now: NOW });
      assert.deepEqual(readCorrelations(store), []);
      const left = store.database.prepare(
        "SELECT count(*) AS n FROM labels WHERE key GLOB 'correlation.*'",
      ).get()!;
      assert.equal(left["n"], 0);
    });
  });
});
