import { columnForm } from "../../lib/store/column_forms.ts";
import { openStore, type Store } from "../../lib/store/store.ts";
import { TABLES } from "../../lib/store/tables.ts";

/** JSON that fits each column of it. */
const JSON_SAMPLES: Readonly<Record<string, unknown>> = {
  "pty_rhythm.events": [1, 0],
  "pty_rhythm.bytes": [1, 0],
  "pty_rhythm.gap_histogram": [1],
  "verdicts.distribution": { human: 1, agent: 0, automation: 0 },
  "verdicts.evidence": ["a-rule", 3],
  "rule_hits.votes": { weights: { human: 0.5 } },
  "rule_hits.features": { pty_events: 3, login: null },
  "rule_hits.missing": [],
  "llm_answers.finding": {
    ...{ operator_type: "human", confidence: 0.5, agent_tool: "unknown", agent_model: "unknown" },
    ...{ work_kind: "debug", risk_level: "low", techniques: ["T1003"], reason: "So", lines: [1] },
  },
  "llm_digests.redacted": { password: 1 },
  "call_minutes.calls": [[5, "a/B", "ok", null, null, null, 0]],
  "call_minutes.facts": {
    agents: [{
      ...{ tool: "gcloud", version: null, command: null, interactive: null, fromScript: null },
      ...{ environment: null, agent: null, agentVersion: null, mcpServer: null, mcpTool: null },
      ...{ attackTool: null, os: null, marks: null },
    }],
    ...{ addresses: [], credentials: [], issued: [[null, "0a"]], principalType: "user" },
    ...{ userKind: "human", person: null, delegations: null, delegator: null, longLivedKey: null },
    ...{ mfa: null, console: false },
  },
  "called_commands.commands": [["gcloud.a", [5]]],
  "correlations.evidence": {
    ...{ gapSeconds: 0, nested: null, driver: null, address: null, tool: null, vouched: true },
  },
  "contradictions.evidence": { seconds: 1 },
  "runs.summary": { human: 1 },
};

/** A column as SQLite tells it. */
export interface Column {
  table: string;
  name: string;
  type: string;
}

/** Every column of every table. */
export function columnsOf(store: Store): Column[] {
  return Object.keys(TABLES).flatMap((table) =>
    store.statement("SELECT name, type FROM pragma_table_info(?)").all(table)
      .map(({ name, type }) => ({ table, name: String(name), type: String(type) }))
  );
}

/** A value that shellscope could have written to a column, made of the column's own form. */
function sampleValue({ table, name, type }: Column, session: string): string | number {
  if (type !== "TEXT") return 1;
  const form = columnForm(table, name);
  switch (form?.is) {
    case "time":
      return "2026-03-10T08:00:00.000Z";
    case "day":
      return "2026-03-10";
    case "hash":
      return "0a1b";
    case "word":
      return form.of[0]!;
    case "label-key":
      return "team/name";
    case "label-value":
      return "a-value";
    case "json":
      return JSON.stringify(JSON_SAMPLES[`${table}.${name}`]);
  }
  return /^(session_id|subject_id|other_id)$/.test(name) ? session : "text";
}

/** Values that no column's form, but only a table's own rule, asks for. */
const RULED: Readonly<Record<string, string | number | null>> = {
  "session_addresses.family": 4,
};

/** Puts a row such as shellscope writes into every table that has none, about a session of the store. */
export function fillEmptyTables(store: Store): void {
  const columns = columnsOf(store);
  const known = store.statement("SELECT session_id FROM sessions ORDER BY 1 LIMIT 1").get();
  const session = String(known?.["session_id"] ?? "s");
  for (const table of Object.keys(TABLES)) {
    if (store.statement(`SELECT 1 FROM ${table} LIMIT 1`).get() !== undefined) continue;
    const own = columns.filter((column) => column.table === table);
    const values = own.map((column) =>
      RULED[`${table}.${column.name}`] ?? sampleValue(column, session)
    );
    store.statement(
      `INSERT INTO ${table} (${own.map(({ name }) => `"${name}"`)})
       VALUES (${own.map(() => "?")})`,
    ).run(...values);
  }
}

/** A store in memory with one row in every table, all of them such as shellscope writes. */
export function filledStore(): Store {
  const store = openStore(":memory:");
  store.database.exec("PRAGMA foreign_keys = OFF");
  fillEmptyTables(store);
  store.database.exec("PRAGMA foreign_keys = ON");
  return store;
}
