import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import {
  parseInOrder,
  type ParseInOrderOptions,
} from "../../../lib/pipeline/recordings/parse_in_order.ts";
import type { ParsedRecording } from "../../../lib/pipeline/recordings/parse_recording.ts";
import { parseRecordings } from "../../../lib/pipeline/recordings/parse_recordings.ts";
import { temporaryFolder } from "../../temporary_folder.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** A cast of so many prints; the number tells it from others. */
function cast(prints: number): string {
  const lines = Array.from(
    { length: prints },
    (_, i) => `[${i / 10}, "o", "print ${prints}\\r\\n"]`,
  );
  return ['{"version": 2, "width": 80, "height": 24}', ...lines, ""].join("\n");
}

async function inFolder(
  files: Readonly<Record<string, Uint8Array>>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  using temporary = temporaryFolder();
  const folder = temporary.path;
  for (const [name, bytes] of Object.entries(files)) {
    await Deno.writeFile(join(folder, name), bytes);
  }
  await body(folder);
}

async function parsedOf(
  paths: readonly string[],
  options: ParseInOrderOptions,
): Promise<ParsedRecording[]> {
  async function* items() {
    for (const path of paths) yield await Promise.resolve({ path });
  }
  const results: ParsedRecording[] = [];
  for await (const { item, parsed } of parseInOrder(items(), options)) {
    assert.equal(parsed.uri, item.path);
    results.push(parsed);
  }
  return results;
}

/** Workers from the first byte on: one, as for small files, and all. */
const ONE = { workers: 2, worthWorkersBytes: 0 };
const TWO = { ...ONE, worthAllWorkersBytes: 0 };

Deno.test("parseInOrder() gives with workers what it gives without, in the same order", async () => {
  const sizes = Array.from({ length: 40 }, (_, i) => i % 7 === 0 ? 3000 : i);
  const files = Object.fromEntries(
    sizes.map((prints, i) => [`${String(i).padStart(2, "0")}.cast`, utf8(cast(prints))]),
  );
  await inFolder(files, async (folder) => {
    const paths = [...Object.keys(files), "absent.cast"].map((name) => join(folder, name));
    const alone = await parsedOf(paths, { workers: 1 });
    assert.equal(alone.at(-1)!.recording.state, "missing");
    assert.deepEqual(await parsedOf(paths, TWO), alone);
    assert.deepEqual(await parsedOf(paths, ONE), alone);
  });
});

Deno.test("parseInOrder() counts the file of a worker that dies as failed and goes on", async () => {
  const names = ["a.cast", "deadly.cast", "b.cast", "deadlier.deadly.cast", "c.cast", "d.cast"];
  const files = Object.fromEntries(names.map((name) => [name, utf8(cast(5))]));
  await inFolder(files, async (folder) => {
    const script = new URL("./dying_worker.js", import.meta.url);
    const paths = names.map((name) => join(folder, name));
    // one worker is sent them all at once: only those that it dies of by themselves fail
    for (const workers of [ONE, TWO]) {
      const parsed = await parsedOf(paths, { ...workers, script });
      assert.deepEqual(
        parsed.map(({ recording }) => recording.state),
        names.map((name) => name.includes("deadly") ? "failed" : "parsed"),
      );
      assert.equal(parsed[1]!.recording.error, "The worker that read it stopped");
    }
  });
});

Deno.test("parseInOrder() does without workers where none can be started", async () => {
  const names = ["a.cast", "b.cast", "c.cast"];
  const files = Object.fromEntries(names.map((name) => [name, utf8(cast(5))]));
  await inFolder(files, async (folder) => {
    const script = new URL("./unstartable_worker.js", import.meta.url);
    const parsed = await parsedOf(names.map((name) => join(folder, name)), { ...TWO, script });
    assert.deepEqual(parsed.map(({ recording }) => recording.state), Array(3).fill("parsed"));
  });
});

Deno.test("parseInOrder() stops its workers when the caller leaves early", async () => {
  const names = ["a.cast", "b.cast", "c.cast"];
  const files = Object.fromEntries(names.map((name) => [name, utf8(cast(500))]));
  await inFolder(files, async (folder) => {
    let closed = false;
    async function* items() {
      try {
        for (const name of names) yield await Promise.resolve({ path: join(folder, name) });
      } finally {
        closed = true;
      }
    }
    for await (const _ of parseInOrder(items(), TWO)) break;
    assert.ok(closed);
  });
});

Deno.test("parseRecordings() takes a cast for the same session, packed or not", async () => {
  const bytes = utf8(cast(9));
  const files = {
    "plain.cast": bytes,
    "packed.cast.gz": gzipSync(bytes),
    "tight.cast.zst": zstdCompressSync(bytes),
    "other.cast": utf8(cast(8)),
  };
  await inFolder(files, async (folder) => {
    const ids = new Map<string, string | undefined>();
    await parseRecordings([folder], {
      store: null,
      now: new Date(0),
      onFile: ({ uri, session }) => void ids.set(uri.slice(folder.length + 1), session?.session_id),
    });
    const id = ids.get("plain.cast");
    assert.match(id ?? "", /^[0-9a-f]{64}$/);
    assert.equal(ids.get("packed.cast.gz"), id);
    assert.equal(ids.get("tight.cast.zst"), id);
    assert.notEqual(ids.get("other.cast"), id);
  });
});
