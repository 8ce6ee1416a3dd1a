import { API_SUBSTRATES } from "../../model/call_minute.ts";
import type { NamedCommand, PlacedAddress, TraceFacts } from "../../model/correlation.ts";
import { sideOf } from "../../model/identity.ts";
import type { Distribution } from "../../model/verdict.ts";
import type { OperatorType } from "../../model/vocabulary.ts";
import type { KnownTrace } from "../../sessions/correlation.ts";
import { readDriver, readSaid, type Said, type StoredTrace } from "../../store/correlations.ts";
import { hashedAddress, readAddresses } from "../../store/session_addresses.ts";
import type { Store } from "../../store/store.ts";
import { handOvers, readCalls, terminalCommands, typingSlots } from "./read_trace.ts";

const API_SIDES: ReadonlySet<string> = new Set(API_SUBSTRATES.map(sideOf));

/** A session of an identity; what is known of it is read as it is asked for, by few pairs each. */
export class LazyTrace implements KnownTrace {
  readonly id: string;
  readonly identity: string;
  readonly side: string;
  readonly startedMs: number;
  readonly endedMs: number;
  readonly vouched: boolean;
  #facts: TraceFacts | null = null;

  constructor(private readonly store: Store, readonly row: StoredTrace) {
    this.id = row.id;
    this.identity = row.identity;
    this.side = row.side;
    this.startedMs = row.startedMs;
    this.endedMs = row.endedMs;
    this.vouched = row.vouched;
  }

  get facts(): TraceFacts {
    const { store, row } = this;
    return this.#facts ??= API_SIDES.has(row.side)
      ? new ApiFacts(store, row)
      : new TerminalFacts(store, row);
  }
}

class Facts {
  #said: Said & ReturnType<typeof whoDrove> | null = null;

  constructor(protected readonly store: Store, protected readonly row: StoredTrace) {}

  get operatorType(): OperatorType {
    return this.said.operatorType;
  }

  get confidence(): number | null {
    return this.said.confidence;
  }

  get distribution(): Distribution | null {
    return this.said.distribution;
  }

  get agentTool(): string | null {
    const { labels } = this.said;
    const tool = labels["agent.tool"] ?? labels[`${this.row.side}.ua.agent`] ?? null;
    return tool === "unknown" ? null : tool;
  }

  protected get said(): Said & ReturnType<typeof whoDrove> {
    if (this.#said === null) {
      const said = readSaid(this.store, this.row.id);
      this.#said = { ...said, ...whoDrove(said) };
    }
    return this.#said;
  }
}

class TerminalFacts extends Facts implements Extract<TraceFacts, { kind: "terminal" }> {
  readonly kind = "terminal";
  #commands: NamedCommand[] | null = null;
  #typing: number[] | null = null;
  #handOvers: number[] | null = null;
  #addresses: PlacedAddress[] | null = null;

  get commands(): NamedCommand[] {
    return this.#commands ??= terminalCommands(this.store, this.row.id);
  }

  get typing(): number[] {
    return this.#typing ??= typingSlots(this.store, this.row);
  }

  get handOvers(): number[] {
    // where no writer found a change of driver there is none between segments
    return this.#handOvers ??= this.said.isMixed ? handOvers(this.store, this.row) : [];
  }

  get addresses(): PlacedAddress[] {
    return this.#addresses ??= readAddresses(this.store, this.row.id);
  }
}

class ApiFacts extends Facts implements Extract<TraceFacts, { kind: "api" }> {
  readonly kind = "api";
  #driver: string | null = null;
  #calls: ReturnType<typeof readCalls> | null = null;

  get family(): string {
    return this.driver.split(" ", 1)[0] || "none";
  }

  get address(): string | null {
    return this.driver.split(" ")[1] ?? null;
  }

  get hashedAddress(): ReturnType<typeof hashedAddress> {
    return this.address === null ? null : hashedAddress(this.store, this.address);
  }

  get tool(): string | null {
    return this.said.labels[`${this.row.side}.ua.tool`] ?? null;
  }

  get commands(): NamedCommand[] {
    return this.#read.commands;
  }

  get typing(): readonly number[] {
    return this.#read.typing;
  }

  get os(): string | null {
    return this.#read.os;
  }

  get callTimes(): number[] {
    return this.#read.callTimes;
  }

  get calls(): number {
    return this.#read.calls;
  }

  get #read(): ReturnType<typeof readCalls> {
    return this.#calls ??= readCalls(this.store, { ...this.row, driver: this.driver });
  }

  private get driver(): string {
    return this.#driver ??= readDriver(this.store, this.row.id);
  }
}

/** What counts of a session's verdicts; where a person said it, it is sure. */
function whoDrove(
  { labels, verdict }: Said,
): Pick<TraceFacts, "operatorType" | "confidence" | "distribution"> {
  const operatorType = (labels["operator.type"] ?? "unknown") as OperatorType;
  const isOverruled = verdict?.operator_type !== operatorType;
  const distribution = isOverruled || verdict.distribution === null
    ? certain(operatorType)
    : verdict.distribution;
  const confidence = isOverruled ? 1 : verdict.confidence;
  return { operatorType, confidence: operatorType === "unknown" ? null : confidence, distribution };
}

function certain(type: OperatorType): Distribution | null {
  if (type === "unknown" || type === "mixed") return null;
  return { human: 0, agent: 0, automation: 0, [type]: 1 };
}
