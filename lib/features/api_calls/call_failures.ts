import type { CallFeatures } from "../../model/call_features.ts";
import type { CallOutcome } from "../../model/call_minute.ts";
import type { SeenCall } from "./seen_call.ts";
import { share } from "./share.ts";
import { Tally } from "./tally.ts";

/** Refusals whose place among the calls is kept. */
const MAX_PLACES = 100_000;
/** Services of which a failed call waits for what comes after it. */
const MAX_PENDING = 256;
/** Resources of one moment that are kept. */
const MAX_RESOURCES = 256;
/** What comes later than this is no answer to a failure. */
const RETRY_MS = 300_000;
/** What clients repeat by themselves says nothing of who drives them. */
const NOT_RETRIED: ReadonlySet<CallOutcome> = new Set(["ok", "throttled"]);

type CallFailureFeatures = Pick<
  CallFeatures,
  | "call_errors"
  | "call_not_found"
  | "call_invalid"
  | "call_throttled"
  | `call_denied${string}` & keyof CallFeatures
  | `call_retries${string}` & keyof CallFeatures
>;

/** The calls of one method and one moment, which have no order among them: only hashes tell them apart. */
interface Attempt {
  first: SeenCall;
  resources: Set<string | null>;
}

/** What failed, where among the calls, and what was tried next. */
export class CallFailures {
  readonly #outcomes = new Map<CallOutcome, number>();
  readonly #deniedMethods = new Tally();
  readonly #deniedPlaces: number[] = [];
  readonly #pending = new Map<string, Attempt>();
  /** Attempts that came after a failure, of a service's last such moment. */
  readonly #answers = new Map<string, { failed: Attempt; next: Attempt }>();
  readonly #retries = { same: 0, changed: 0, wider: 0 };
  #calls = 0;
  #run = 0;
  #longestRun = 0;

  add(call: SeenCall): void {
    const { outcome } = call;
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
    if (outcome === "denied") this.#addDenied(call);
    else this.#run = 0;
    this.#calls += 1;
    this.#addAttempt(call);
  }

  finish(): CallFailureFeatures {
    for (const service of [...this.#answers.keys()]) this.#countRetry(service);
    const of = (outcome: CallOutcome) => this.#outcomes.get(outcome) ?? 0;
    const places = this.#deniedPlaces;
    const early = places.filter((place) => place < this.#calls / 5).length;
    const late = places.filter((place) => place >= this.#calls * 4 / 5).length;
    return {
      call_errors: this.#calls - of("ok"),
      call_not_found: of("not-found"),
      call_invalid: of("invalid"),
      call_throttled: of("throttled"),
      call_denied: of("denied"),
      call_denied_share: share(of("denied"), this.#calls),
      call_denied_methods: this.#deniedMethods.distinct,
      call_denied_early_share: share(early, places.length),
      call_denied_late_share: share(late, places.length),
      call_denied_run: this.#longestRun,
      call_retries_same: this.#retries.same,
      call_retries_changed: this.#retries.changed,
      call_retries_wider: this.#retries.wider,
    };
  }

  #addDenied({ method }: SeenCall): void {
    this.#deniedMethods.add(method);
    if (this.#deniedPlaces.length < MAX_PLACES) this.#deniedPlaces.push(this.#calls);
    this.#run += 1;
    this.#longestRun = Math.max(this.#longestRun, this.#run);
  }

  #addAttempt(call: SeenCall): void {
    const { service } = call;
    const answer = this.#answers.get(service);
    if (answer !== undefined && !joins(answer.next, call)) this.#countRetry(service);
    const failed = this.#pending.get(service);
    if (failed !== undefined) {
      // calls of one command, or of one moment, are no answer to each other
      const isApart = call.atMs > failed.first.atMs &&
        (call.command === null || call.command !== failed.first.command);
      if (!isApart) return void (NOT_RETRIED.has(call.outcome) || joins(failed, call));
      this.#pending.delete(service);
      if (call.atMs - failed.first.atMs <= RETRY_MS) {
        this.#answers.set(service, { failed, next: attemptOf(call) });
      }
    }
    if (NOT_RETRIED.has(call.outcome) || this.#pending.size >= MAX_PENDING) return;
    this.#pending.set(service, attemptOf(call));
  }

  #countRetry(service: string): void {
    const { failed, next } = this.#answers.get(service)!;
    this.#answers.delete(service);
    if (next.first.method !== failed.first.method) {
      if (failed.first.outcome === "denied") this.#retries.wider += 1;
    } else if (failed.resources.isDisjointFrom(next.resources)) this.#retries.changed += 1;
    else this.#retries.same += 1;
  }
}

function attemptOf(call: SeenCall): Attempt {
  return { first: call, resources: new Set([call.resourceHash]) };
}

/** Takes a call into an attempt, if it is one of its moment; says whether it is of that moment. */
function joins({ first, resources }: Attempt, call: SeenCall): boolean {
  if (call.atMs !== first.atMs) return false;
  if (call.method === first.method && resources.size < MAX_RESOURCES) {
    resources.add(call.resourceHash);
  }
  return true;
}
