import type { ApiSource } from "../sources/api_source.ts";
import type { SourceSkip } from "../sources/source_skip.ts";
import type { SkipRow } from "../store/runs.ts";

/** What was left out of a piece, by place and reason; places begin with source and day. */
export class PieceSkips {
  /** `gcp` or `aws`: what a summary counts by. */
  readonly source: string;
  /** Bounds of all places of these days. */
  readonly from: string;
  readonly until: string;
  readonly #rows = new Map<string, SkipRow>();

  constructor(source: ApiSource, days: readonly string[]) {
    this.source = source.substrate.slice(0, 3);
    this.from = `${source.name} ${days[0]}`;
    this.until = `${source.name} ${days.at(-1)}!`;
  }

  add({ uri, reason, detail, count }: SourceSkip): void {
    const place = uri === "" ? this.from : `${this.from} ${uri}`;
    const key = JSON.stringify([place, reason]);
    const known = this.#rows.get(key);
    if (known !== undefined) {
      known.count += count;
      // rows come in any order
      known.detail = [known.detail, detail].filter((text) => text != null).sort()[0] ?? null;
    } else this.#rows.set(key, { source: this.source, uri: place, reason, detail, count });
  }

  rows(): SkipRow[] {
    return [...this.#rows.values()];
  }
}
