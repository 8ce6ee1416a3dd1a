import { dirname, join, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { DEFAULT_CONFIG_FILE, loadConfig } from "../config/load.ts";
import { openStore, type Store } from "../store/store.ts";
import { FIXTURES_STORE, fixturesConfig, OWN_NOTEBOOKS, OWN_RULES } from "./own_files.ts";
import { runPipeline } from "./run.ts";

/** What a notebook works on: an open store, and the configuration and rules that go with it. */
export interface Workspace extends Disposable {
  /** Closed with the workspace. */
  store: Store;
  config: Config;
  /** Folder of the rule packs. */
  rules: string;
  /** Whether these are the fixtures: what they show proves nothing of a tenant. */
  isFixtures: boolean;
}

/** What a notebook is to work on; the parameters that `render` sets. */
export interface WorkspaceOptions {
  /** Configuration file, from the kit's folder; empty: its `shellscope.yaml`, where there is one. */
  configPath?: string;
  /** Store; empty: the configuration's. */
  storePath?: string;
  /** Whether the notebook writes: labels, verdicts, pulls. */
  write?: boolean;
}

const KIT = dirname(OWN_NOTEBOOKS);

/**
 * Opens what a notebook works on. Without a configuration that is the fixtures' store, which is made
 * on the first call (some seconds). From here on the notebook works in the kit's folder, as the verbs
 * do: sources and recordings are known by their paths, and must not get others. Throws a ConfigError
 * or a StoreError.
 */
export async function openWorkspace(options: WorkspaceOptions = {}): Promise<Workspace> {
  const { storePath = "", write = false } = options;
  const given = storePath === "" ? null : resolve(storePath);
  Deno.chdir(KIT);
  const file = await configFile(options.configPath ?? "");
  const config = file === null
    ? fixturesConfig(given ?? join(KIT, FIXTURES_STORE))
    : await loadConfig(file);
  const path = given ?? config.store;
  const rules = config.phase1.rules ?? OWN_RULES;
  if (file === null && given === null) {
    if (!await isThere(path)) await runPipeline(config, { rules, now: () => new Date() });
    // brings a store of the fixtures of an older version up
    else openStore(path)[Symbol.dispose]();
  }
  const store = openStore(path, { readOnly: !write });
  return {
    store,
    config,
    rules,
    isFixtures: file === null,
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}

async function configFile(given: string): Promise<string | null> {
  if (given !== "") return given;
  return await isThere(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : null;
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then((info) => info.isFile, () => false);
}
