import type { Store } from "../../store/store.ts";

/** Items in one transaction: a commit costs as much as writing some of them. */
const LOT = 32;
/** Bytes read that a kill may cost, beside one item. */
const LOT_BYTES = 8 * 1024 * 1024;

/**
 * Writes items to a store, some of them in one transaction each time. Call `flush()` at the end, also
 * where something was thrown: what was added is written.
 */
export class LotWriter<Item> {
  readonly #waiting: Item[] = [];
  #bytes = 0;

  constructor(
    private readonly store: Store,
    private readonly write: (item: Item) => void,
  ) {}

  /** `bytes`: what was read to make the item. */
  add(item: Item, bytes = 0): void {
    this.#waiting.push(item);
    this.#bytes += bytes;
    if (this.#waiting.length >= LOT || this.#bytes >= LOT_BYTES) this.flush();
  }

  flush(): void {
    const lot = this.#waiting.splice(0);
    this.#bytes = 0;
    if (lot.length > 0) this.store.transaction(() => lot.forEach((item) => this.write(item)));
  }
}
