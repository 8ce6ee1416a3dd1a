import { measure, type Measures } from "../../evaluation/measure.ts";
import { type MeasuredPoint, measureSweep, suggestPoint } from "../../evaluation/sweep_measures.ts";
import type { TruthfulRow } from "../../model/judgement.ts";
import type { Distribution } from "../../model/verdict.ts";
import type { DriverClass } from "../../model/vocabulary.ts";
import { fitNumbers, FITTED, type Fitted } from "../../phase1/fit_numbers.ts";
import { judge } from "../../phase1/judge.ts";
import { judgeBy } from "../../phase1/leave_one_out.ts";
import { compilePack, readPackFiles } from "../../phase1/pack.ts";
import type { RulePack } from "../../phase1/rule.ts";
import { sweep, type SweptParameter } from "../../phase1/sweep.ts";
import { changesOf, type FileChange } from "../../phase1/write_back.ts";

/** What the pack is judged with beside its files. */
interface TuneOptions {
  /** Replaces the pack's own prior. */
  prior?: Distribution | undefined;
}

/** What fitting found, on the labels that it was fitted to, and what it would write. */
interface FitOutcome {
  /** By the numbers as written. */
  before: Measures;
  /** Of the labels that were fitted to: an estimate of nothing else. */
  after: Measures;
  /** What writing the numbers would change; empty where nothing. */
  changes: FileChange[];
}

/**
 * Fits numbers of the pack in a folder to labelled rows and says what writing them into its files
 * would change; all kinds of numbers, or `only` some. `groupBy` is the label or column whose values
 * are left out together. Nothing is written: see {@link writeChanges}.
 */
export async function fitPack(
  folder: string,
  rows: readonly TruthfulRow[],
  options: TuneOptions & { only?: readonly Fitted[]; groupBy: string },
): Promise<FitOutcome> {
  const { only = FITTED, groupBy } = options;
  const files = await readPackFiles(folder);
  const pack = withPrior(compilePack(files, { folder }), options);
  const numbers = fitNumbers(pack, rows, { only });
  const groups = new Set(rows.map(({ group }) => group)).size;
  const fitted =
    `on ${rows.length} labelled subjects in ${groups} groups by ${groupBy}, each group ` +
    "judged by weights fitted to the others";
  const { calibration, ...others } = numbers;
  return {
    before: measure(judge(pack, rows)),
    after: measure(judgeBy(pack, rows, numbers)),
    changes: changesOf(files, pack, {
      ...others,
      ...only.includes("calibration") && { calibration, fitted },
    }),
  };
}

/** A sweep, measured, with what to take for a wanted precision. */
interface SweepOutcome {
  /** Each value that was tried, of two parameters each pair. */
  points: MeasuredPoint[];
  /** Null where no precision was wanted, or where no point reaches it. */
  suggested: MeasuredPoint | null;
  /** What writing the suggested values would change; empty without any. */
  changes: FileChange[];
}

/**
 * Sweeps one or two `parameters` of the pack in a folder, and suggests a point where a `precision`
 * (0 to 1) of the class `name` is `wanted`. Nothing is written.
 */
export async function sweepPack(
  folder: string,
  rows: readonly TruthfulRow[],
  options: TuneOptions & {
    parameters: readonly [SweptParameter] | readonly [SweptParameter, SweptParameter];
    wanted?: { name: DriverClass; precision: number } | undefined;
  },
): Promise<SweepOutcome> {
  const files = await readPackFiles(folder);
  const pack = withPrior(compilePack(files, { folder }), options);
  const points = measureSweep(sweep(pack, rows, options.parameters));
  const suggested = options.wanted === undefined ? null : suggestPoint(points, options.wanted);
  const params = new Map(Object.entries(suggested?.values ?? {}));
  return { points, suggested, changes: changesOf(files, pack, { params }) };
}

/** Writes changes into a pack's folder, each file as a whole. */
export async function writeChanges(folder: string, changes: readonly FileChange[]): Promise<void> {
  for (const { path, after } of changes) {
    const file = `${folder}/${path}`;
    await Deno.writeTextFile(`${file}.part`, after);
    await Deno.rename(`${file}.part`, file);
  }
}

function withPrior(pack: RulePack, { prior }: TuneOptions): RulePack {
  return { ...pack, prior: prior ?? pack.prior };
}
