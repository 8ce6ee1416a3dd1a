import type { ApiSource } from "../../sources/api_source.ts";
import type { SourceSkip } from "../../sources/source_skip.ts";
import type { SkipRow } from "../../store/runs.ts";

/** What was left out of a piece, by place and reason; places begin with source and day. */
export class PieceSkips {
  /** `gcp` or `aws`: what a summary counts by. */
  readonly source: string;
  /** Bounds of all places of these days. */
  readonly from: string;
  readonly until: string;
  readonly #name: string;
  readonly #rows = new Map<string, SkipRow>();

  constructor(source: ApiSource, private readonly days: readonly string[]) {
    this.#name = source.name;
    this.source = source.substrate.slice(0, 3);
    this.from = `${source.name} ${days[0]}`;
    this.until = `${source.name} ${days.at(-1)}!`;
  }

  add({ uri, reason, detail, count, day }: SourceSkip): void {
    const begin = day !== undefined && this.days.includes(day) ? `${this.#name} ${day}` : this.from;
    const place = uri === "" ? begin : `${begin} ${uri}`;
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
