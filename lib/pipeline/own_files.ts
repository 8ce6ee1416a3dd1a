import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Config, configSchema } from "../config/config.ts";

/** The kit's own rules, used where the configuration names none. */
export const OWN_RULES: string = fileURLToPath(new URL("../../rules", import.meta.url));

/** The kit's own notebooks. */
export const OWN_NOTEBOOKS: string = fileURLToPath(new URL("../../notebooks", import.meta.url));

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));

/** Where a run without a configuration keeps its store, in the folder it is called from. */
export const FIXTURES_STORE = "fixtures.sqlite";

/** A configuration over the fixtures: they prove that the plumbing holds, not that verdicts do. */
export function fixturesConfig(store: string, defaults: Config = configSchema.parse({})): Config {
  const fixtures = relative(Deno.cwd(), FIXTURES);
  return {
    ...defaults,
    store,
    identity: { ...defaults.identity, domain: "example.com" },
    sources: [
      {
        kind: "teleport",
        events: { archive: join(fixtures, "teleport/events") },
        recordings: { folder: join(fixtures, "teleport/sessions") },
      },
      { kind: "gcp", archive: join(fixtures, "gcp") },
      { kind: "aws", archive: join(fixtures, "aws") },
      { kind: "recordings", folder: join(fixtures, "casts") },
      {
        kind: "teleport",
        events: { archive: join(fixtures, "across/teleport/events") },
        recordings: { folder: join(fixtures, "across/teleport/sessions") },
      },
      { kind: "gcp", archive: join(fixtures, "across/gcp") },
      { kind: "aws", archive: join(fixtures, "across/aws") },
    ],
  };
}
