/**
 * Checks notebooks as `deno check` and `deno lint` check modules, which skip them:
 * `deno run … lib/notebook/check_cells.ts [FILE or FOLDER …]`, `notebooks` unless told. Prints one
 * line a fault, with notebook, cell and line; exit status 1 if there is one.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CellFault, cellFaults, type CellModule, cellModule, formatFault } from "./cells.ts";
import { readNotebook } from "./nbformat.ts";
import { withoutTerminalCodes } from "./visible_text.ts";

const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** A line of the modules that were checked, in the compiler's words. */
interface Finding {
  file: string;
  line: number;
  problem: string;
}

/** The faults of notebooks, each as one line. */
export async function checkNotebooks(paths: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  const modules = new Map<string, { path: string; module: CellModule }>();
  const cells = new Map<string, { path: string; cell: number }>();
  const folder = await Deno.makeTempDir({ prefix: "shellscope-cells-" });
  try {
    for (const [i, path] of paths.entries()) {
      const notebook = await readNotebook(path);
      for (const fault of cellFaults(notebook)) faults.push(formatFault(path, fault));
      const module = cellModule(notebook);
      const file = join(folder, `notebook_${i}.ts`);
      await Deno.writeTextFile(file, module.text);
      modules.set(file, { path, module });
      for (const [cell, { cell_type, source }] of notebook.cells.entries()) {
        if (cell_type !== "code") continue;
        const cellFile = join(folder, `notebook_${i}_cell_${cell}.ts`);
        await Deno.writeTextFile(cellFile, `${source}\n`);
        cells.set(cellFile, { path, cell: cell + 1 });
      }
    }
    const files = [...modules.keys()];
    if (files.length === 0) return faults;
    for (const finding of [...await typeFindings(files), ...await lintFindings(files)]) {
      const checked = modules.get(finding.file);
      const origin = checked?.module.origin[finding.line - 1];
      const fault: CellFault = {
        cell: origin?.cell ?? null,
        line: origin?.line ?? null,
        problem: finding.problem,
      };
      faults.push(formatFault(checked?.path ?? finding.file, fault));
    }
    for (const file of await unformatted([...cells.keys()])) {
      const { path, cell } = cells.get(file)!;
      faults.push(
        formatFault(path, { cell, line: null, problem: "not as deno fmt would have it" }),
      );
    }
    return faults;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function typeFindings(files: readonly string[]): Promise<Finding[]> {
  const { success, stderr } = await deno(["check", "--config", CONFIG, ...files]);
  return success ? [] : parseTypeErrors(stderr);
}

/** Reads what `deno check` says: a message, its code frame, then the place. */
export function parseTypeErrors(text: string): Finding[] {
  const findings: Finding[] = [];
  let problem = "";
  for (const line of withoutTerminalCodes(text).split("\n")) {
    const message = /^(TS\d+) \[ERROR\]: (.*)$/.exec(line) ?? /^error: ()(.*)$/.exec(line);
    if (message) problem = [message[1], message[2]].filter(Boolean).join(" ");
    const place = /^\s+at (file:\/\/\S+):(\d+):\d+$/.exec(line);
    if (!place || problem === "") continue;
    findings.push({
      file: fileURLToPath(new URL(place[1] ?? "")),
      line: Number(place[2]),
      problem,
    });
    problem = "";
  }
  // Never silent: a failure that has no place is one all the same.
  if (findings.length === 0) findings.push({ file: "", line: 0, problem: text.trim() });
  return findings;
}

async function lintFindings(files: readonly string[]): Promise<Finding[]> {
  // A parameter must be declared with `let` to be set by the cell that is put behind it.
  const exclude = "--rules-exclude=prefer-const";
  const { stdout } = await deno(["lint", "--json", exclude, "--config", CONFIG, ...files]);
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: {
      filename: string;
      range: { start: { line: number } };
      code: string;
      message: string;
    }[];
  };
  return diagnostics.map(({ filename, range, code, message }) => ({
    file: filename.startsWith("file:") ? fileURLToPath(new URL(filename)) : filename,
    line: range.start.line,
    problem: `${code}: ${message}`,
  }));
}

/** `deno fmt --check` calls a notebook unformatted that it has just formatted: so cell by cell. */
async function unformatted(files: readonly string[]): Promise<string[]> {
  const { stderr, stdout } = await deno(["fmt", "--check", "--config", CONFIG, ...files]);
  const named = withoutTerminalCodes(stdout + stderr).matchAll(/^from (.+):$/gm);
  return [...named].map(([, file]) => file!).filter((file) => files.includes(file));
}

async function deno(args: string[]) {
  const command = new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { success, stdout: text(stdout), stderr: text(stderr) };
}

/** The notebooks named, and those in the folders named, not deeper. */
async function findNotebooks(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    if (!(await Deno.stat(path)).isDirectory) found.push(path);
    else {
      for await (const { name } of Deno.readDir(path)) {
        if (name.endsWith(".ipynb")) found.push(join(path, name));
      }
    }
  }
  return found.sort();
}

if (import.meta.main) {
  const notebooks = await findNotebooks(Deno.args.length > 0 ? Deno.args : ["notebooks"]);
  const faults = await checkNotebooks(notebooks);
  for (const fault of faults) console.error(fault);
  console.error(`Checked the cells of ${notebooks.length} notebooks: ${faults.length} faults`);
  if (faults.length > 0) Deno.exitCode = 1;
}
