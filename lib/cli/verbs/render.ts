import { basename, join } from "node:path";
import type { Config } from "../../config/config.ts";
import { NotebookError, SharingError, UsageError } from "../../model/errors.ts";
import { readPlainText } from "../../model/plain_file.ts";
import { printable } from "../../model/printable.ts";
import type { MadePage, PageOptions } from "../../notebook/make_page.ts";
import { whyUnread } from "../../notebook/why_unread.ts";
import { FIXTURES_STORE, fixturesConfig, OWN_NOTEBOOKS } from "../../pipeline/own_files.ts";
import { runPipeline } from "../../pipeline/run.ts";
import { openStore } from "../../store/store.ts";
import { rulesFolder, settingsOf } from "../settings.ts";
import type { Call, ExitStatus, Terminal, Verb } from "../verb.ts";

/** Runs notebooks and writes their pages. */
export const render: Verb = {
  name: "render",
  summary: "run notebooks and write each as one HTML page; check a page for sharing",
  positionals: "[NOTEBOOK…]",
  flags: {
    set: { value: "NAME=VALUE", multiple: true, help: "set a parameter of the notebooks" },
    out: { value: "DIR", help: "folder of the pages (default: ./out)" },
    share: { help: "replace names, and write a page only where it holds nothing to hide" },
    verify: { value: "PAGE", help: "run a page's notebook again and say what differs" },
    ipynb: { help: "also write the notebooks with their outputs" },
    timeout: { value: "SECONDS", help: "how long one cell may take (default: 120)" },
  },
  async run(call, terminal) {
    const { config, file } = await settingsOf(call);
    if (call.has("share") && call.has("ipynb")) {
      throw new UsageError("--ipynb writes names as they are: it does not go with --share");
    }
    const store = file === null && !call.has("db")
      ? await fixturesStore(call, { config, terminal })
      : config.store;
    const options: PageOptions = {
      store,
      config: file,
      set: parameterFlags(call),
      now: terminal.now(),
      timeoutMs: timeoutMs(call),
      share: call.has("share") ? { ...config.share, domain: config.identity.domain } : null,
    };
    const page = call.text("verify");
    return page === undefined
      ? await writePages(call, terminal, options)
      : await verifyPage(page, { call, terminal, options });
  },
};

async function writePages(
  call: Call,
  terminal: Terminal,
  options: PageOptions,
): Promise<ExitStatus> {
  if (call.positionals.length === 0) {
    throw new UsageError("Name a notebook: deno task render notebooks/07_findings.ipynb");
  }
  const names = call.positionals.map(pageName);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) {
    throw new UsageError(
      `Two notebooks would be written as ${JSON.stringify(`${twice}.html`)}; render them one by ` +
        "one, each with its own --out",
    );
  }
  const { makePage, executedText, writeWhole } = await import("../../notebook/make_page.ts");
  const { eachAtOnce } = await import("../../notebook/each_at_once.ts");
  const out = call.text("out") ?? "out";
  let failed = 0;
  await eachAtOnce(call.positionals, async (path) => {
    const target = join(out, pageName(path));
    const write = async (made: MadePage) => {
      await writeWhole(`${target}.html`, made.html);
      if (call.has("ipynb")) await writeWhole(`${target}.ipynb`, executedText(made));
    };
    try {
      await write(await makePage(path, options));
      terminal.err(`Page: ${printable(`${target}.html`)}\n`);
    } catch (error) {
      if (!(error instanceof NotebookError || error instanceof SharingError)) throw error;
      failed++;
      terminal.err(`${error.message.split("\n").map(printable).join("\n")}\n`);
    }
  });
  return failed === 0 ? 0 : failed < call.positionals.length ? 3 : 1;
}

function pageName(notebook: string): string {
  return basename(notebook).replace(/\.ipynb$/, "");
}

/** A longer file is no page. */
const MAX_PAGE_BYTES = 256 * 1024 * 1024;

async function pageText(page: string): Promise<string> {
  const read = await readPlainText(page, MAX_PAGE_BYTES).catch((cause) => {
    throw new UsageError(`Cannot read the page ${JSON.stringify(page)}: ${whyUnread(cause)}`);
  });
  if (read.state === "read") return read.text;
  const why = read.state === "no-file" ? "it is no plain file" : "it is longer than 256 MiB";
  throw new UsageError(`Cannot read the page ${JSON.stringify(page)}: ${why}`);
}

async function verifyPage(
  page: string,
  { call, terminal, options }: { call: Call; terminal: Terminal; options: PageOptions },
): Promise<ExitStatus> {
  const { makePage } = await import("../../notebook/make_page.ts");
  const { pageDifferences, pageProvenance } = await import("../../notebook/verify_page.ts");
  if (call.positionals.length > 1) throw new UsageError("--verify takes one notebook at most");
  const before = await pageText(page);
  const { notebook, parameters, shared } = pageProvenance(before, page);
  const path = call.positionals[0] ?? join(OWN_NOTEBOOKS, notebook.file);
  const { storePath: _, configPath: __, ...set } = parameters;
  const made = await makePage(path, {
    ...options,
    set: {
      ...Object.fromEntries(Object.entries(set).map(([name, value]) => [name, String(value)])),
      ...options.set,
    },
    share: shared ? options.share ?? await shareOptions(call) : options.share ?? null,
  });
  const differences = pageDifferences(before, made.html);
  for (const difference of differences) terminal.out(`${printable(difference)}\n`);
  terminal.err(
    differences.length === 0
      ? "The page is as it would be made now\n"
      : `${differences.length} differences\n`,
  );
  return differences.length === 0 ? 0 : 1;
}

async function shareOptions(call: Call): Promise<NonNullable<PageOptions["share"]>> {
  const { config } = await settingsOf(call);
  return { ...config.share, domain: config.identity.domain };
}

/** The store of a call without a configuration: the fixtures', made where it is missing. */
async function fixturesStore(
  call: Call,
  { config, terminal }: { config: Config; terminal: Terminal },
): Promise<string> {
  terminal.err("No configuration: notebooks are about the fixtures\n");
  if (await Deno.stat(FIXTURES_STORE).then(() => true, () => false)) {
    // brings one of an older version up
    using _store = openStore(FIXTURES_STORE);
    return FIXTURES_STORE;
  }
  await runPipeline(fixturesConfig(FIXTURES_STORE, config), {
    rules: rulesFolder(call, config),
    now: () => terminal.now(),
  });
  return FIXTURES_STORE;
}

function parameterFlags(call: Call): Record<string, string> {
  return Object.fromEntries(
    call.texts("set").map((text) => {
      const at = text.indexOf("=");
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new UsageError(`--set ${JSON.stringify(text.slice(0, 80))}: write NAME=VALUE`);
    }),
  );
}

function timeoutMs(call: Call): number {
  const seconds = Number(call.text("timeout") ?? 120);
  if (seconds > 0 && seconds <= 86_400) return seconds * 1000;
  throw new UsageError("--timeout takes a number of seconds");
}
