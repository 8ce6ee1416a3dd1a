import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type ApiSessionPlan, plan, type Work } from "../../fixtures/generate/api_session.ts";
import { type Commands, rounds, theme } from "../../fixtures/generate/api_work.ts";
import { agentPace, type Pace, personPace } from "../../fixtures/generate/call_pace.ts";
import { gcloudAgent } from "../../fixtures/generate/gcp_user_agents.ts";
import { AGENT_STYLES } from "../../fixtures/generate/machines.ts";
import type { RawMinute } from "../../lib/model/call_minute.ts";
import { evaluateRow } from "../../lib/phase1/evaluate.ts";
import type { Row } from "../../lib/phase1/expression/expression.ts";
import { loadPack } from "../../lib/phase1/pack.ts";
import { foldMinutes } from "../../lib/sessions/fold_minutes.ts";
import { SessionOfCalls } from "../../lib/sessions/session_of_calls.ts";
import { rawMinute } from "../sessions/raw_minute.ts";

/**
 * The paces of the fixtures with other seeds, other speeds and narrower work than there: still by the
 * same hands as the rules, so this shows what they withstand and not how good they are.
 */

const pack = await loadPack(fileURLToPath(new URL("../../rules", import.meta.url)));

const SERVICES = [
  "compute",
  "storage",
  "iam",
  "run",
  "logging",
  "secretmanager",
  "container",
  "sql",
];
const COMMANDS: Commands<string> = SERVICES.flatMap((service) =>
  [["list"], ["list", "get"], ["get"], ["get", "update"]].map((verbs) =>
    [`${service}.${verbs.join("-")}`, ...verbs.map((verb) => `${service}/${verb}`)] as const
  )
);

/** The commands of a few services, others each time. */
function few(services: number, number: number): Commands<string> {
  const from = Array.from({ length: services }, (_, i) => SERVICES[(number * 3 + i) % 8]!);
  return COMMANDS.filter(([says]) => from.includes(says.split(".")[0]!));
}

interface Way {
  cloud: "gcp" | "aws";
  /** gcloud only: a terminal, or a detached shell. */
  interactive: boolean;
}

function rowOf({ calls, random }: ApiSessionPlan<string, null>, { cloud, interactive }: Way): Row {
  const agents = new Map<number, string>();
  const raws = calls.map(({ atMs, method, command, outcome }): RawMinute => {
    const fineMs = cloud === "gcp" ? atMs : Math.floor(atMs / 1000) * 1000;
    const minuteMs = Math.floor(fineMs / 60_000) * 60_000;
    const process = { interactive, fromScript: !interactive, command: "x.y" };
    if (!agents.has(command)) agents.set(command, gcloudAgent(process, random));
    const role = "assumed-role/AWSReservedSSO_Admin_0f1d2b3c4a596877/ana@example.com";
    const name = cloud === "gcp" ? "ana@example.com" : `arn:aws:sts::111122223333:${role}`;
    const raw = rawMinute({
      ...{ minuteMs, offsets: [fineMs - minuteMs], method, name },
      ...(cloud === "gcp"
        ? { userAgent: agents.get(command)! }
        : { userAgent: "aws-cli/2.32.6 md/command#x", resolutionMs: 1000 }),
      substrate: cloud === "gcp" ? "gcp-cloud-audit" : "aws-cloudtrail",
    });
    const code = outcome === "ok" ? null : cloud === "gcp" ? "5" : "ResourceNotFoundException";
    return { ...raw, calls: raw.calls.map((call) => ({ ...call, code })) };
  });
  const minutes = foldMinutes(raws, {}).sort((a, b) => a.minuteMs - b.minuteMs);
  const session = new SessionOfCalls({ foldMs: 2000 });
  for (const minute of minutes) session.addMinute([minute]);
  const { substrate, userKind, labels, features } = session.finish();
  const { principal, driver } = minutes[0]!;
  return { substrate, kind: "api", principal, driver, user_kind: userKind, labels, ...features };
}

const SESSIONS = 40;

/** What sessions of one kind are called, by number. */
function verdicts(
  name: string,
  way: Way,
  drive: (number: number) => { pace: Pace; work: Work<string> },
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let number = 1; number <= SESSIONS; number++) {
    const { pace, work } = drive(number);
    const head = { name, number, start: "2026-03-10T09:00:00Z", actor: null };
    const played = plan<string, null>({ ...head, truth: { operator: "human" } }, pace, work);
    const { operatorType } = evaluateRow(pack, rowOf(played, way));
    counts[operatorType] = (counts[operatorType] ?? 0) + 1;
  }
  return counts;
}

const WAYS: readonly Way[] = [
  { cloud: "gcp", interactive: true },
  { cloud: "aws", interactive: true },
];

Deno.test("the pack calls at most one person in a hundred an agent, at any pace, however narrow the work", () => {
  const sum = { people: 0, agents: 0, human: 0 };
  for (const way of WAYS) {
    for (const services of [1, 2, 8]) {
      const counts = verdicts(`person-${services}`, way, (number) => ({
        pace: personPace({ median: [4, 8, 14, 24][number % 4]! }),
        work: rounds(few(services, number), { count: 10 + (number % 3) * 9 }),
      }));
      sum.people += SESSIONS;
      sum.agents += counts["agent"] ?? 0;
      sum.human += counts["human"] ?? 0;
    }
  }
  assert(sum.agents <= sum.people / 100, JSON.stringify(sum));
  assert(sum.human >= sum.people * 0.8, JSON.stringify(sum));
});

Deno.test("the pack calls no agent in a detached shell a person, whatever its model's pace", () => {
  for (const style of Object.values(AGENT_STYLES)) {
    const counts = verdicts("agent", { cloud: "gcp", interactive: false }, (number) => ({
      pace: agentPace(style),
      work: theme(few(1 + (number % 4), number), { count: 12 + (number % 3) * 8 }),
    }));
    assert.equal(counts["human"] ?? 0, 0, JSON.stringify(counts));
    assert((counts["agent"] ?? 0) >= SESSIONS / 2, JSON.stringify(counts));
  }
});
