import { dirname } from "node:path";
import { NotebookError } from "../model/errors.ts";
import { quoteSource, sourceLine, topLevelFrame, transpileCell } from "./cell_fault.ts";
import { addOutput, type Displays } from "./cell_outputs.ts";
import { type Execution, type Kernel, KernelError, startKernel } from "./kernel.ts";
import { cellTags, type CodeCell, type Notebook, type Output, readNotebook } from "./nbformat.ts";
import { MOST_OUTPUT, OutputLimit } from "./output_limit.ts";
import { type Parameters, type PlacedCell, withParameters } from "./parameters.ts";
import { visibleText, withoutTerminalCodes } from "./visible_text.ts";

interface RunOptions {
  /** Values for variables of the cell tagged `parameters`. */
  parameters?: Parameters;
  /** The kernel's working directory; the notebook's folder otherwise, as in Jupyter. */
  cwd?: string;
  /** How long one cell may take; 120 s unless told. */
  timeoutMs?: number;
  /** How long to wait for late outputs after a cell; 50 ms unless told. */
  graceMs?: number;
  /** Variables for the kernel besides `KERNEL_VARIABLES`. */
  env?: Record<string, string>;
  /** The kernel to use, begun by `beginKernel()` in the same folder, and ended here. */
  kernel?: Kernel | undefined;
  /** Kills the kernel and ends the run with the signal's reason. */
  signal?: AbortSignal;
}

/** A notebook with the outputs of a run, as nbformat 4 has it; the injected cell included. */
export type ExecutedNotebook = Notebook;

/**
 * Runs a notebook from its first to its last cell on a Deno kernel of its own, and gives it back
 * with its outputs. No output is lost: each is put to the cell that caused it, and the next cell
 * waits until the last one has fallen silent.
 *
 * The first cell that fails ends the run with a {@link NotebookError} that names the cell, the line
 * and the source, unless the cell is tagged `raises-exception`. So do a cell that takes too long
 * and a kernel that dies. The notebook runs with all of Deno's permissions.
 */
export async function runNotebook(
  path: string,
  options: RunOptions = {},
): Promise<ExecutedNotebook> {
  const notebook = await readNotebook(path);
  const cells = withParameters(notebook, options.parameters ?? {}, path);
  await using kernel = await kernelFor(path, options);
  const displays: Displays = new Map();
  const executed: Notebook["cells"] = [];
  let count = 0;
  for (const placed of cells) {
    if (placed.cell.cell_type !== "code" || placed.cell.source.trim() === "") {
      executed.push(placed.cell);
      continue;
    }
    const cell = { ...placed.cell, execution_count: ++count, outputs: [] };
    executed.push(cell);
    await runCell(kernel, { ...placed, cell }, { ...options, displays, path });
  }
  return { ...notebook, cells: executed };
}

async function kernelFor(path: string, options: RunOptions): Promise<Kernel> {
  const { cwd = dirname(path), env = {}, signal, kernel } = options;
  try {
    return await startKernel({ cwd, env, signal }, kernel);
  } catch (cause) {
    if (!(cause instanceof KernelError)) throw cause;
    const problem = `Cannot start a Deno kernel: ${clean(cause.message)}`;
    throw new NotebookError(problem, { file: path, cell: null, line: null }, { cause });
  }
}

async function runCell(
  kernel: Kernel,
  { cell, place }: PlacedCell & { cell: CodeCell },
  options: RunOptions & { displays: Displays; path: string },
): Promise<void> {
  const { timeoutMs = 120_000, graceMs = 50, displays, path } = options;
  const pendingClear = { on: false };
  const limit = new OutputLimit();
  let lost = false;
  const end = await kernel.execute(cell.source, {
    timeoutMs,
    graceMs,
    onMessage: (message) => {
      const kept = limit.take(message);
      if (kept !== null) addOutput(cell.outputs, kept, { displays, pendingClear });
    },
    onLost: () => lost = true,
  });
  if (limit.omitted > 0) cell.outputs.push(said(`${leftOut(limit.omitted)} more were left out`));
  if (lost) cell.outputs.push(said("Some of what this cell puts out is lost: it is too large"));
  for (const output of cell.outputs) {
    if ("execution_count" in output) output.execution_count = cell.execution_count;
  }
  if (end.state === "ok") return;
  const fault = await faultOf(end, cell.source, timeoutMs);
  if (end.state === "error") {
    const error = cell.outputs.find((output) => output.output_type === "error");
    const traceback = [fault.problem];
    if (fault.line !== null) traceback.push(`    at cell ${place}, line ${fault.line}`);
    const [ename, evalue] = [end.name, fault.problem.replace(`${end.name}: `, "")];
    // The kernel says nothing of a cell that does not parse, and counts lines of another text.
    if (error) Object.assign(error, { traceback: namedFrames(error.traceback, traceback) });
    else cell.outputs.push({ output_type: "error", ename, evalue, traceback });
    if (cellTags(cell).includes("raises-exception")) return;
  }
  throw new NotebookError(
    `${fault.problem}\n${quoteSource(cell.source, fault.line)}`,
    { file: path, cell: place, line: fault.line },
  );
}

/** What the runner says among a cell's outputs. */
function said(text: string): Output {
  return { output_type: "stream", name: "stderr", text: `shellscope: ${text}\n` };
}

function leftOut(characters: number): string {
  return `A cell may put out ${MOST_OUTPUT / 2 ** 20} MiB; ${
    (characters / 2 ** 20).toFixed(1)
  } MiB`;
}

interface Fault {
  problem: string;
  /** Line of the cell, from 1; null where it can't be told for certain. */
  line: number | null;
}

async function faultOf(
  end: Exclude<Execution, { state: "ok" }>,
  source: string,
  timeoutMs: number,
): Promise<Fault> {
  if (end.state === "timed-out") {
    return { problem: `The cell did not end within ${timeoutMs / 1000} s`, line: null };
  }
  if (end.state === "died") {
    const words = end.lastWords.trim() === "" ? "" : `: ${clean(end.lastWords)}`;
    return { problem: `The kernel ended with code ${end.code} in this cell${words}`, line: null };
  }
  const problem = `${clean(end.name)}: ${clean(end.message)}`;
  const transpiled = await transpileCell(source);
  if (transpiled.state === "invalid") {
    return { problem: clean(transpiled.problem), line: transpiled.line };
  }
  const frame = topLevelFrame(end.traceback);
  return { problem, line: frame === null ? null : sourceLine(transpiled, frame) };
}

/** The kernel's trace with its last frame replaced by one that tells cell and line. */
function namedFrames(traceback: readonly string[], ours: readonly string[]): string[] {
  const others = traceback.filter((frame) => !frame.includes("<anonymous>:"));
  return [...others, ...ours.slice(1)];
}

function clean(text: string): string {
  return visibleText(withoutTerminalCodes(text).trim(), { maxLength: 500, keep: "lines" });
}
