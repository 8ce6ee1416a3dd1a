import type { Config } from "../config/config.ts";
import type { Phase2Route } from "../model/vocabulary.ts";

/** What one reading takes besides what it reads: instructions and the shape of the answer. */
const PROMPT_TOKENS = 1_500;
const ANSWER_TOKENS = 600;
/** Characters of output that make a token, and tokens of the digest at most. */
const BYTES_A_TOKEN = 4;
const DIGEST_TOKENS = 24_000;
/** Tokens of a call in a graph of calls: method, outcome, time. */
const TOKENS_A_CALL = 25;

/** What phase 2 would take, estimated from what is stored; nothing is read or sent for it. */
export interface Phase2Volume {
  /** Subjects by route, and by the reason that sends them. */
  routes: Record<Exclude<Phase2Route, "none">, number>;
  reasons: Record<string, number>;
  subjects: number;
  tokensIn: number;
  tokensOut: number;
  /** In the currency of the configured price; null without one. */
  cost: number | null;
  budget: number | null;
  /** Subjects that alone would cost more than `maxPerSession`. */
  tooDear: number;
}

/** Adds up what subjects that are routed to phase 2 would take. */
export class Phase2Meter {
  private readonly volume: Phase2Volume;

  constructor(private readonly phase2: Config["phase2"]) {
    this.volume = {
      routes: { pty: 0, "call-graph": 0 },
      reasons: {},
      subjects: 0,
      tokensIn: 0,
      tokensOut: 0,
      cost: phase2 === undefined ? null : 0,
      budget: phase2?.budget ?? null,
      tooDear: 0,
    };
  }

  /** A routed subject, with the columns `pty_bytes` and `call_calls` where they were measured. */
  add(
    routing: { phase2: Phase2Route; reason: string | null },
    row: Readonly<Record<string, unknown>>,
  ): void {
    const { volume, phase2 } = this;
    const { phase2: route, reason } = routing;
    if (route === "none") return;
    const size = route === "pty"
      ? numberOf(row["pty_bytes"]) / BYTES_A_TOKEN
      : numberOf(row["call_calls"]) * TOKENS_A_CALL;
    const tokensIn = PROMPT_TOKENS + Math.min(DIGEST_TOKENS, Math.ceil(size));
    volume.routes[route]++;
    if (reason !== null) volume.reasons[reason] = (volume.reasons[reason] ?? 0) + 1;
    volume.subjects++;
    volume.tokensIn += tokensIn;
    volume.tokensOut += ANSWER_TOKENS;
    if (phase2 === undefined) return;
    const { input, output } = phase2.price;
    const cost = (tokensIn * input + ANSWER_TOKENS * output) / 1e6;
    volume.cost = (volume.cost ?? 0) + cost;
    if (cost > phase2.maxPerSession) volume.tooDear++;
  }

  total(): Phase2Volume {
    return structuredClone(this.volume);
  }
}

/** The volume in lines of text: how much, why, what it costs or why that is not known. */
export function formatVolume(volume: Phase2Volume): string[] {
  const { routes, reasons, subjects, tokensIn, tokensOut, cost, budget, tooDear } = volume;
  if (subjects === 0) return ["nothing to read"];
  const number = (value: number) => value.toLocaleString("en");
  const width = Math.max(...Object.keys(reasons).map((reason) => reason.length));
  const lines = [
    `${number(subjects)} to read (${number(routes.pty)} pty, ${
      number(routes["call-graph"])
    } call-graph), about ${number(tokensIn)} tokens in and ${number(tokensOut)} out`,
    ...Object.entries(reasons).sort((a, b) => b[1] - a[1]).map(([reason, n]) =>
      `${reason.padEnd(width)}  ${number(n)}`
    ),
  ];
  if (cost === null || budget === null) {
    lines.push("cost not known: the configuration has no phase2 with a price");
    return lines;
  }
  lines.push(`about ${cost.toFixed(2)} of a budget of ${budget}`);
  if (cost > budget) lines.push("that is over the budget: phase 2 would stop there");
  if (tooDear > 0) lines.push(`${number(tooDear)} of them alone cost more than maxPerSession`);
  return lines;
}

function numberOf(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}
