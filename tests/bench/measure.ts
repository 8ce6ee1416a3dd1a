import process from "node:process";

/** A step of a round; it returns something to check, the same each time. */
type Step = () => Promise<number> | number;

/** Medians of a step, and what it returned. */
export interface Measured {
  ms: number;
  /** Of all threads of this process; what else the machine does disturbs it less. */
  processorMs: number;
  result: number;
}

/**
 * Runs all steps once a round, one after the other, so that what disturbs the machine disturbs
 * all; after one round that does not count. Returns the median milliseconds of each, by the clock
 * and of processor time, and what it returned. Throws where a step does not return the same in each
 * round.
 */
export async function measure<Name extends string>(
  steps: Readonly<Record<Name, Step>>,
  { rounds }: { rounds: number },
): Promise<Record<Name, Measured>> {
  const times = new Map<string, number[]>();
  const processorTimes = new Map<string, number[]>();
  const results = new Map<string, number>();
  for (let round = 0; round <= rounds; round++) {
    for (const [name, step] of Object.entries<Step>(steps)) {
      const used = process.cpuUsage();
      const began = performance.now();
      const result = await step();
      const ms = performance.now() - began;
      const { user, system } = process.cpuUsage(used);
      if (round === 0) {
        results.set(name, result);
        times.set(name, []);
        processorTimes.set(name, []);
        continue;
      }
      times.get(name)!.push(ms);
      processorTimes.get(name)!.push((user + system) / 1000);
      if (results.get(name) !== result) throw new Error(`${name}: ${result} in round ${round}`);
    }
  }
  const measured = [...times].map(([name, ms]) =>
    [
      name,
      {
        ms: median(ms),
        processorMs: median(processorTimes.get(name)!),
        result: results.get(name)!,
      },
    ] as const
  );
  return Object.fromEntries(measured) as Record<Name, Measured>;
}

/** The upper one of the two in the middle, where there are two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Lines of a Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, i) => Math.max(cell.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${
      cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join(
        " | ",
      )
    } |`;
  const rule = widths.map((width, i) => i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`);
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
