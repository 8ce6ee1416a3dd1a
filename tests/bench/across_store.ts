import { commandsText } from "../../lib/store/minute_commands.ts";
import { openStore, type Store } from "../../lib/store/store.ts";

/** How a store is filled. */
export interface AcrossStore {
  sessions: number;
  /** All sessions are one identity's and are open at once. */
  atOnce?: boolean;
}

const IDENTITY_SESSIONS = 100;
const COMMAND = "gcloud.compute.instances.list";
const AGENT = {
  ...{ tool: "gcloud", version: "1", command: COMMAND, interactive: false, fromScript: true },
  ...{ environment: null, agent: null, agentVersion: null, mcpServer: null, mcpTool: null },
  ...{ attackTool: null, os: "LINUX", marks: null },
};
const FACTS = JSON.stringify({
  ...{ agents: [AGENT], addresses: ["203.0.113.17"], credentials: [], issued: [] },
  ...{ principalType: "user", userKind: null, person: null, delegations: null, delegator: null },
  ...{ longLivedKey: null, mfa: null, console: false },
});
const CALLS = JSON.stringify(
  [0, 9, 21, 40].map((second) => [
    ...[second * 1000, "compute.googleapis.com/v1.compute.instances.list", "ok", `i${second}`],
    ...["instances", "0123456789abcdef", 0],
  ]),
);
const COMMANDS = commandsText({ calls: JSON.parse(CALLS), facts: JSON.parse(FACTS) });

/**
 * Fills a store with judged sessions of many identities on three substrates, a hundred each over a
 * month: as many rows as the pipeline leaves of them. The host of every eighth terminal has a log of
 * commands.
 */
export function fillAcrossStore(path: string, plan: AcrossStore): void {
  using store = openStore(path, { now: () => new Date(0) });
  // a bench's store may be lost with the machine
  store.database.exec("PRAGMA synchronous = OFF");
  store.transaction(() => fill(store, plan));
}

function fill({ database }: Store, { sessions, atOnce = false }: AcrossStore): void {
  database.exec("CREATE TEMP TABLE plan (id, who, side, driver, started, seconds)");
  // a linear congruence: numbers that jump about, the same each time
  database.prepare(
    `WITH RECURSIVE numbers (i, r) AS (
       SELECT 0, 1 UNION ALL SELECT i + 1, (r * 1103515245 + 12345) & 2147483647
       FROM numbers WHERE i + 1 < ?1
     )
     INSERT INTO plan
     SELECT printf('%08x%024x', r, i), CASE WHEN ?2 THEN 0 ELSE (r >> 9) % ?3 END, i % 3,
       printf('gcloud 203.%d.%d.%d', CASE WHEN ?2 THEN i >> 16 END, i >> 8 & 255, i & 255),
       CASE WHEN ?2 THEN i / 1000.0 ELSE (r * 7919 + i) % 2592000000 / 1000.0 END,
       CASE WHEN ?2 THEN 86400 ELSE (r >> 5) % 3600 END
     FROM numbers ORDER BY 1`,
  ).run(sessions, atOnce ? 1 : 0, Math.ceil(sessions / IDENTITY_SESSIONS));
  database.exec(
    `INSERT INTO sessions (session_id, substrate, kind, principal, login, target, driver,
       started_at, ended_at, duration_seconds, updated_at)
     SELECT id,
       CASE side WHEN 0 THEN 'teleport-recording' WHEN 1 THEN 'gcp-cloud-audit'
         ELSE 'aws-cloudtrail' END,
       CASE side WHEN 0 THEN 'ssh' ELSE 'api' END,
       CASE side WHEN 0 THEN '' WHEN 1 THEN ''
         ELSE 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_ops_0123456789abcdef/' END
         || 'person-' || who || '@example.com',
       CASE side WHEN 0 THEN 'root' END, 'target-' || who % 50,
       CASE WHEN side > 0 THEN driver END,
       strftime('%FT%H:%M:%fZ', 1767225600 + started, 'unixepoch'),
       strftime('%FT%H:%M:%fZ', 1767225600 + started + seconds, 'unixepoch'), seconds, ''
     FROM plan;
     INSERT INTO subjects (subject_id, kind, session_id) SELECT id, 'session', id FROM plan;
     INSERT INTO labels
     SELECT id, key, value, 'phase1@0', ''
     FROM plan CROSS JOIN (SELECT 'agent.tool' AS key, 'claude-code' AS value UNION ALL
       SELECT 'confidence.operator-type', '0.90' UNION ALL SELECT 'operator.type', 'agent');
     INSERT INTO verdicts (subject_id, writer, version, operator_type, confidence, distribution,
       reason, evidence, set_at)
     SELECT id, 'phase1', 'phase1@0', 'agent', 0.9,
       '{"human":0.05,"agent":0.9,"automation":0.05}', '', '[]', '' FROM plan`,
  );
  database.prepare(
    `INSERT INTO notable_events (subject_id, ordinal, kind, at, program, subcommand)
     SELECT id, ordinal, 'bpf',
       strftime('%FT%H:%M:%fZ', 1767225600 + started + 9 * ordinal, 'unixepoch'), 'gcloud', ?
     FROM plan CROSS JOIN (SELECT 0 AS ordinal UNION ALL SELECT 1 UNION ALL SELECT 2)
     WHERE side = 0 AND seconds % 8 = 0`,
  ).run(COMMAND);
  database.prepare(
    `INSERT INTO call_minutes (substrate, principal, driver, minute, source, calls, calls_omitted,
       resolution_ms, first_ms, last_ms, facts)
     SELECT substrate, principal, driver, substr(started_at, 1, 16) || ':00.000Z', 'bench', ?, 0, 1,
       0, 40000, ?
     FROM sessions WHERE kind = 'api' ORDER BY 1, 2, 3, 4 ON CONFLICT DO NOTHING`,
  ).run(CALLS, FACTS);
  database.prepare(
    `INSERT INTO called_commands (source, minute, substrate, principal, driver, commands)
     SELECT source, minute, substrate, principal, driver, ? FROM call_minutes`,
  ).run(COMMANDS);
}
