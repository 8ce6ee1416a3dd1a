import { headline, percent, table } from "../evaluation/format_evaluation.ts";
import type { MeasuredPoint } from "../evaluation/sweep_measures.ts";
import { UsageError } from "../model/errors.ts";
import type { TruthfulRow } from "../model/judgement.ts";
import { DRIVER_CLASSES, type DriverClass } from "../model/vocabulary.ts";
import type { Distribution } from "../model/verdict.ts";
import { FITTED, type Fitted } from "../phase1/fit_numbers.ts";
import type { SweptParameter } from "../phase1/sweep.ts";
import { type FileChange, formatChanges } from "../phase1/write_back.ts";
import { fitPack, sweepPack, writeChanges } from "../pipeline/evaluation/tune_pack.ts";
import { jsonLine } from "./format.ts";
import { requirementsOf } from "./requirements.ts";
import type { Call, ExitStatus, Flag, Terminal } from "./verb.ts";

/** Flags of `eval` that look for better numbers of a pack. */
export const TUNE_FLAGS: Record<string, Flag> = {
  sweep: {
    value: "PARAM[=A..B]",
    multiple: true,
    help: "try a parameter over its range (two: every pair); --min-precision CLASS=X suggests",
  },
  fit: {
    value: "thresholds|weights|calibration|all",
    multiple: true,
    help: "fit the pack's numbers to the labels and show what would change in its files",
  },
  write: { help: "write what --fit or --sweep suggests into the folder of --rules" },
};

interface TuneOptions {
  call: Call;
  folder: string;
  rows: readonly TruthfulRow[];
  groupBy: string;
  prior: Distribution | undefined;
  asJson: boolean;
}

/** Fits or sweeps, shows the changes as a diff, and writes them only where `--write` says so. */
export async function tune(options: TuneOptions, terminal: Terminal): Promise<ExitStatus> {
  const { call, folder } = options;
  if (call.has("write") && !call.has("rules")) {
    throw new UsageError("--write changes files: name their folder with --rules DIR");
  }
  const changes = call.has("sweep")
    ? await sweepAndTell(options, terminal)
    : await fitAndTell(options, terminal);
  if (changes === null) return 1;
  if (call.has("write")) {
    await writeChanges(folder, changes);
    terminal.err(`${changes.length} files written in ${folder}\n`);
  } else if (changes.length > 0) {
    terminal.err("Nothing was written: --write with --rules DIR does\n");
  }
  return 0;
}

async function fitAndTell(options: TuneOptions, terminal: Terminal): Promise<FileChange[]> {
  const { call, folder, rows, groupBy, prior, asJson } = options;
  const named = call.texts("fit");
  const wrong = named.find((name) =>
    name !== "all" && !(FITTED as readonly string[]).includes(name)
  );
  if (wrong !== undefined) {
    throw new UsageError(`--fit takes ${FITTED.join(", ")} or all, not ${JSON.stringify(wrong)}`);
  }
  const only = named.includes("all") ? FITTED : named as Fitted[];
  const outcome = await fitPack(folder, rows, { only, groupBy, prior });
  const { before, after, changes } = outcome;
  const diff = formatChanges(folder, changes);
  terminal.out(
    asJson
      ? `${jsonLine({ before, after, diff })}\n`
      : `As written: ${headline(before)}\nAs fitted:  ${headline(after)}\n` +
        "(on the labels that it was fitted to; --leave-one-out says what others would get)\n\n" +
        (diff === "" ? "Nothing to change\n" : diff),
  );
  return changes;
}

async function sweepAndTell(
  options: TuneOptions,
  terminal: Terminal,
): Promise<FileChange[] | null> {
  const { call, folder, rows, prior, asJson } = options;
  const [first, second, third] = call.texts("sweep").map(sweptOf);
  if (first === undefined || third !== undefined) {
    throw new UsageError("--sweep takes one parameter or two");
  }
  const wanted = wantedOf(call);
  const parameters = second === undefined ? [first] as const : [first, second] as const;
  const { points, suggested, changes } = await sweepPack(folder, rows, {
    ...{ parameters, wanted, prior },
  });
  const diff = formatChanges(folder, changes);
  if (asJson) { for (const point of points) terminal.out(`${jsonLine(point)}\n`); }
  else terminal.out(formatPoints(points) + "\n");
  if (wanted === undefined) return [];
  if (suggested === null) {
    terminal.err(`No point reaches a precision of ${wanted.precision} for ${wanted.name}\n`);
    return null;
  }
  const values = Object.entries(suggested.values).map(([name, value]) => `${name} ${value}`);
  terminal.err(`Suggested for a precision of ${wanted.precision}: ${values.join(", ")}\n`);
  if (!asJson && diff !== "") terminal.out(`\n${diff}`);
  return changes;
}

function sweptOf(text: string): SweptParameter {
  const [, name, range, from, to] = /^([^=]*)(=(.+)\.\.(.+))?$/.exec(text) ?? [];
  if (name === undefined) throw new UsageError(`--sweep takes PARAM or PARAM=A..B`);
  if (range === undefined) return { name };
  const [low, high] = [Number(from), Number(to)];
  if (!(low < high)) throw new UsageError(`--sweep ${name}: "${from}..${to}" is no range`);
  return { name, range: [low, high] };
}

function wantedOf(call: Call): { name: DriverClass; precision: number } | undefined {
  const wanted = requirementsOf(call).flatMap((requirement) =>
    requirement.measure === "precision" ? [requirement] : []
  );
  const [first, second] = wanted;
  if (first === undefined) return undefined;
  const name = DRIVER_CLASSES.find((each) => each === first.name);
  if (second !== undefined || name === undefined) {
    throw new UsageError("--sweep with --min-precision wants one class, as in agent=0.95");
  }
  return { name, precision: first.least };
}

function formatPoints(points: readonly MeasuredPoint[]): string {
  const names = Object.keys(points[0]?.values ?? {});
  const share = ({ value }: { value: number | null }) => value === null ? "" : percent(value, 1);
  return table(
    [
      ...names,
      ...["right", "wrong", "unknown", "withheld"],
      ...DRIVER_CLASSES.flatMap((name) => [`${name} precision`, "recall"]),
    ],
    points.map(({ values, right, wrong, unknown, withheld, classes }) => [
      ...names.map((name) => values[name]!),
      ...[right, wrong, unknown, withheld],
      ...DRIVER_CLASSES.flatMap((name) => [
        share(classes[name].precision),
        share(classes[name].recall),
      ]),
    ]),
  );
}
