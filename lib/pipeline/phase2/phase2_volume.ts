import type { Config } from "../../config/config.ts";
import type { Phase2Route } from "../../model/vocabulary.ts";
import { CHARACTERS_A_TOKEN, type DigestKind } from "../../phase2/digest.ts";
import { ASSUMED_PRICE, costOf, formatCost, type Price } from "../../phase2/price.ts";
import { WINDOW_TOKENS } from "../../phase2/judge_subjects.ts";
import { ANSWER_TOKENS, type Prompt, promptTokens } from "../../phase2/prompt.ts";

/** A digest leaves out the middle of long output: few take more windows than this. */
const MOST_WINDOWS = 2;
/** Tokens of a call in a graph of calls: method, outcome, time. */
const TOKENS_A_CALL = 25;

/** What phase 2 would take, estimated from what is stored; nothing is read or sent for it. */
export interface Phase2Volume {
  /** Subjects by route. */
  routes: Record<Exclude<Phase2Route, "none">, number>;
  /** Subjects by the reason that sends them. */
  reasons: Record<string, number>;
  /** Subjects that are routed. */
  subjects: number;
  /** About, by bytes of output and by calls; prompts included. */
  tokensIn: number;
  /** The most that answers may have. */
  tokensOut: number;
  /** At most, in the configuration's currency. */
  cost: number;
  /** The price that was assumed; null where the configuration states one. */
  assumedPrice: Readonly<Price> | null;
  /** null where phase 2 is not configured. */
  budget: number | null;
  /** Subjects that alone would cost more than `maxPerSession`. */
  tooDear: number;
}

/** Adds up what subjects that are routed to phase 2 would take. */
export class Phase2Meter {
  private readonly volume: Phase2Volume;

  private readonly beside: Record<DigestKind, number>;

  constructor(private readonly phase2: Config["phase2"], prompt: Prompt) {
    this.beside = {
      pty: promptTokens(prompt, "pty"),
      "call-graph": promptTokens(prompt, "call-graph"),
    };
    this.volume = {
      routes: { pty: 0, "call-graph": 0 },
      reasons: {},
      subjects: 0,
      tokensIn: 0,
      tokensOut: 0,
      cost: 0,
      assumedPrice: phase2 === undefined ? ASSUMED_PRICE : null,
      budget: phase2?.budget ?? null,
      tooDear: 0,
    };
  }

  /** A routed subject, with the columns `pty_bytes` and `call_calls` where they were measured. */
  add(
    routing: { phase2: Phase2Route; reason: string | null },
    row: Readonly<Record<string, unknown>>,
  ): void {
    const { volume, phase2, beside } = this;
    const { phase2: route, reason } = routing;
    if (route === "none") return;
    const size = route === "pty"
      ? numberOf(row["pty_bytes"]) / CHARACTERS_A_TOKEN
      : numberOf(row["call_calls"]) * TOKENS_A_CALL;
    const digest = Math.min(MOST_WINDOWS * WINDOW_TOKENS, Math.ceil(size));
    const windows = Math.max(1, Math.ceil(digest / WINDOW_TOKENS));
    const tokensIn = windows * beside[route] + digest;
    const tokensOut = windows * ANSWER_TOKENS;
    volume.routes[route]++;
    if (reason !== null) volume.reasons[reason] = (volume.reasons[reason] ?? 0) + 1;
    volume.subjects++;
    volume.tokensIn += tokensIn;
    volume.tokensOut += tokensOut;
    const cost = costOf({ input: tokensIn, output: tokensOut }, phase2?.price ?? ASSUMED_PRICE);
    volume.cost += cost;
    if (phase2 !== undefined && cost > phase2.maxPerSession) volume.tooDear++;
  }

  total(): Phase2Volume {
    return structuredClone(this.volume);
  }
}

/** The volume in lines of text: how much, why, what it would cost. */
export function formatVolume(volume: Phase2Volume): string[] {
  const { routes, reasons, subjects, tokensIn, tokensOut, budget, tooDear } = volume;
  if (subjects === 0) return ["nothing to read"];
  const number = (value: number) => value.toLocaleString("en");
  const width = Math.max(...Object.keys(reasons).map((reason) => reason.length));
  const lines = [
    `${number(subjects)} to read (${number(routes.pty)} pty, ${
      number(routes["call-graph"])
    } call-graph), about ${number(tokensIn)} tokens in and at most ${number(tokensOut)} out`,
    ...Object.entries(reasons).sort((a, b) => b[1] - a[1]).map(([reason, n]) =>
      `${reason.padEnd(width)}  ${number(n)}`
    ),
  ];
  const cost = formatCost(volume.cost, volume.assumedPrice);
  if (budget === null) {
    lines.push(cost, "nothing was sent: the configuration names no model under phase2");
    return lines;
  }
  lines.push(`${cost} of a budget of ${budget}`);
  if (volume.cost > budget) lines.push("that is over the budget: phase 2 would stop there");
  if (tooDear > 0) lines.push(`${number(tooDear)} of them alone cost more than maxPerSession`);
  return lines;
}

function numberOf(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}
