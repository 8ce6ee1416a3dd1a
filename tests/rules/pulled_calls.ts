import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { labelApiSessions } from "../../lib/pipeline/api/label_api_sessions.ts";
import { pullApi } from "../../lib/pipeline/api/pull_api.ts";
import type { ApiSource } from "../../lib/sources/api_source.ts";
import { awsArchive } from "../../lib/sources/aws/archive.ts";
import { gcpArchive } from "../../lib/sources/gcp/archive.ts";
import { readSessionLabels, type SessionLabelRow } from "../../lib/sources/session_labels.ts";
import { openStore, type Store } from "../../lib/store/store.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));
const NOW = new Date("2026-03-20T00:00:00Z");

/** A store in memory with all that an archive holds. */
export async function pulledStore(...sources: ApiSource[]): Promise<Store> {
  const store = openStore(":memory:", { now: () => NOW });
  for (const source of sources) {
    await using open = source;
    await pullApi(store, open, { idleSeconds: 600, foldSeconds: 2, now: () => NOW, runId: null });
  }
  return store;
}

/** The generated logs of both clouds with their truth, and rows of truth that fit no session. */
export async function fixtureStore(): Promise<{ store: Store; unused: SessionLabelRow[] }> {
  const folder = (cloud: string) => join(FIXTURES, cloud);
  const store = await pulledStore(
    gcpArchive(folder("gcp"), { now: NOW }),
    awsArchive(folder("aws"), { now: NOW }),
  );
  const unused: SessionLabelRow[] = [];
  for (const cloud of ["gcp", "aws"]) {
    const table = await readSessionLabels(join(folder(cloud), "labels.tsv"));
    unused.push(...labelApiSessions(store, table, { now: NOW }).unused);
  }
  return { store, unused };
}
