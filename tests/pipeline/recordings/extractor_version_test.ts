import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseRecording } from "../../../lib/pipeline/recordings/parse_recording.ts";
import { EXTRACTOR_VERSION } from "../../../lib/recording/read.ts";

const CASTS = fileURLToPath(new URL("../../../fixtures/casts", import.meta.url));

/** What this version measures of the fixtures; write it anew together with the version. */
const VERSION = "5";
const BYTES = "1364d123146162e8";
const MEASURES = "902bfca275d696dd";

Deno.test("EXTRACTOR_VERSION is another one when the same bytes give other features", async () => {
  const bytes = createHash("sha256");
  const measures = createHash("sha256");
  for (const name of (await readdir(CASTS)).sort()) {
    if (!/\.cast(\.gz)?$/.test(name)) continue;
    const path = `${CASTS}/${name}`;
    bytes.update(await readFile(path));
    const { pty, rhythm, cmd, segments } = await parseRecording(path);
    measures.update(JSON.stringify([pty, rhythm, cmd, segments], rounded));
  }
  const [read, seen] = [bytes, measures].map((hash) => hash.digest("hex").slice(0, 16));
  if (read !== BYTES) {
    assert.fail(`The fixtures are others: write BYTES = "${read}" and MEASURES = "${seen}"`);
  }
  const now = `write VERSION = "${EXTRACTOR_VERSION}" and MEASURES = "${seen}"`;
  assert.equal(EXTRACTOR_VERSION, VERSION, `The version is another one: ${now}`);
  const mend = `raise EXTRACTOR_VERSION, so that stores are measured anew, and ${now}`;
  assert.equal(seen, MEASURES, `The same bytes give other features: ${mend}`);
});

// Sums may differ in their last digits from one machine to another.
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(9)) : value;
}
