import { table } from "./measure.ts";

/** What was measured and what it may be, collected over all parts of the bench. */
export class Targets {
  readonly #rows: { what: string; found: number; limit: number; isMet: boolean; sign: string }[] =
    [];

  atMost(what: string, found: number, limit: number): void {
    this.#rows.push({ what, found, limit, isMet: found <= limit, sign: "≤" });
  }

  atLeast(what: string, found: number, limit: number): void {
    this.#rows.push({ what, found, limit, isMet: found >= limit, sign: "≥" });
  }

  /** How many were missed. */
  get missed(): number {
    return this.#rows.filter(({ isMet }) => !isMet).length;
  }

  /** All of them, judged. */
  table(): string {
    const rows = this.#rows.map(({ what, found, limit, isMet, sign }) => [
      ...[what, shown(found), `${sign} ${shown(limit)}`, isMet ? "met" : "MISSED"],
    ]);
    return table(["what", "found", "target", ""], rows);
  }
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
