import type { CallFeatures } from "../../model/call_features.ts";
import { Quantiles } from "../quantiles.ts";
import { isRead } from "./is_read.ts";
import type { SeenCall } from "./seen_call.ts";
import { share } from "./share.ts";
import { Tally } from "./tally.ts";

const HALF_HOUR_MS = 1_800_000;

type CallBreadthFeatures = Pick<
  CallFeatures,
  | "call_services"
  | "call_methods"
  | "call_top_method_share"
  | "call_top_service_share"
  | "call_read_share"
  | "call_services_half_hour"
  | "call_methods_half_hour"
>;

/** What was called: services and methods, how many and how evenly. */
export class CallBreadth {
  readonly #services = new Tally();
  readonly #methods = new Tally();
  readonly #servicesOfHalves = new Quantiles();
  readonly #methodsOfHalves = new Quantiles();
  #half = { number: NaN, services: new Set<string>(), methods: new Set<string>() };
  #calls = 0;
  #reads = 0;

  add({ atMs, service, method }: SeenCall): void {
    const number = Math.floor(atMs / HALF_HOUR_MS);
    if (number !== this.#half.number) {
      this.#endHalf();
      this.#half = { number, services: new Set(), methods: new Set() };
    }
    this.#half.services.add(service);
    this.#half.methods.add(method);
    this.#services.add(service);
    this.#methods.add(method);
    this.#calls += 1;
    if (isRead(method)) this.#reads += 1;
  }

  finish(): CallBreadthFeatures {
    this.#endHalf();
    return {
      call_services: this.#services.distinct,
      call_methods: this.#methods.distinct,
      call_top_method_share: share(this.#methods.most, this.#calls),
      call_top_service_share: share(this.#services.most, this.#calls),
      call_read_share: share(this.#reads, this.#calls),
      call_services_half_hour: this.#servicesOfHalves.quantile(0.5),
      call_methods_half_hour: this.#methodsOfHalves.quantile(0.5),
    };
  }

  #endHalf(): void {
    if (this.#half.methods.size === 0) return;
    this.#servicesOfHalves.add(this.#half.services.size);
    this.#methodsOfHalves.add(this.#half.methods.size);
  }
}
