import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { seeded } from "../seeded.ts";
import { temporaryFolder } from "../temporary_folder.ts";
import { measuredRun } from "./measured_run.ts";

/** With `LONG_RUNS` bombs of 10 GB each and many broken files; without it of 70 MB, and some. */
const LONG = Deno.env.get("LONG_RUNS") !== undefined;
const BYTES = LONG ? 10e9 : 70e6;
const BROKEN = LONG ? 400 : 8;
const MAX_PEAK_BYTES = 700e6;
const GOOD_ROWS = 10;
/** Rows of 22 KB, in one file. */
const LARGE_ROWS = 2500;

const BOMB = "file inflates to more than 100 times its size";
const MEGABYTE = "repeat('x', 1000000)";

/** Columns of Teleport's table as DuckDB makes them of a number `i`. */
const COLUMNS = {
  ...{ uid: "'u' || i", session_id: "'s' || i", event_type: "'session.start'" },
  event_time: "TIMESTAMP '2026-03-10 09:00:00'",
  event_data: `'{"event":"session.start","user":"ana","sid":"s' || i || '"}'`,
  user: "'ana'",
};

interface Bomb {
  columns: Partial<Record<keyof typeof COLUMNS, string>>;
  rowBytes: number;
  reason: string;
  compression?: "gzip" | "zstd";
}

/** A list within a list, and so on: more levels than DuckDB can count. */
const DEEP = "[".repeat(128) + "i" + "]".repeat(128);

const BOMBS: Readonly<Record<string, Bomb>> = {
  "one text again and again": {
    columns: { event_data: `'{"event":"session.start","x":"' || ${MEGABYTE} || '"}'` },
    ...{ rowBytes: 1e6, reason: BOMB },
  },
  "one id of a session": { columns: { session_id: MEGABYTE }, rowBytes: 1e6, reason: BOMB },
  "one type of events": { columns: { event_type: MEGABYTE }, rowBytes: 1e6, reason: BOMB },
  "rows of nothing": {
    columns: { uid: "''", session_id: "''", event_data: "''", user: "''", event_type: "''" },
    ...{ rowBytes: 64, reason: BOMB },
  },
  "texts in pages of gzip": {
    columns: { event_data: `'{"i":' || i || ',"x":"' || repeat('x', 20000) || '"}'` },
    ...{ rowBytes: 2e4, reason: BOMB, compression: "gzip" },
  },
  "rows that are large together": {
    columns: { event_data: `'{"i":' || i || ',"x":"' || repeat('x', 40000) || '"}'` },
    ...{ rowBytes: 4e4, reason: "file has rows that are too large to read" },
  },
  "no text but a deep structure": {
    ...{ columns: { uid: DEEP }, rowBytes: BYTES / 10 },
    reason: "file has pages that can't be read",
  },
};

async function writeBombs(folder: string): Promise<Map<string, string>> {
  const reasons = new Map<string, string>();
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  await connection.run("SET preserve_insertion_order = false");
  for (const [name, { columns, rowBytes, reason, compression }] of Object.entries(BOMBS)) {
    const path = join(folder, `${name}.parquet`);
    await writeRows(connection, { path, columns, rows: BYTES / rowBytes, compression });
    reasons.set(path, reason);
  }
  await writeRows(connection, { path: join(folder, "good.parquet"), rows: GOOD_ROWS });
  // of which two processors together would hold more than DuckDB may
  const large = `'{"event":"session.start","user":"ana","sid":"s' || i || '","x":"' ||
    repeat('x', 22000) || '"}'`;
  await writeRows(connection, {
    ...{ path: join(folder, "large.parquet"), columns: { event_data: large }, rows: LARGE_ROWS },
  });
  connection.closeSync();
  instance.closeSync();
  return reasons;
}

async function writeRows(
  connection: DuckDBConnection,
  { path, columns = {}, rows, compression = "zstd" }: {
    path: string;
    columns?: Bomb["columns"];
    rows: number;
    compression?: string | undefined;
  },
): Promise<void> {
  const selected = Object.entries({ ...COLUMNS, ...columns })
    .map(([name, value]) => `${value} AS "${name}"`).join(", ");
  await connection.run(
    `COPY (SELECT ${selected} FROM range(${Math.ceil(rows)}) AS numbers (i)) TO '${path}'
      (FORMAT parquet, COMPRESSION ${compression}, ROW_GROUP_SIZE ${rows > 1e6 ? 1e6 : 2048})`,
  );
}

/** Files whose footers claim what is not there, and such as are damaged at random. */
async function writeBroken(folder: string): Promise<string[]> {
  const good = await Deno.readFile(join(folder, "good.parquet"));
  const view = new DataView(good.buffer);
  const footer = view.getUint32(good.length - 8, true);
  const changed = (change: (view: DataView, bytes: Uint8Array) => void) => {
    const copy = good.slice();
    change(new DataView(copy.buffer), copy);
    return copy;
  };
  const claim = (bytes: number) => changed((view) => view.setUint32(good.length - 8, bytes, true));
  const files: Record<string, Uint8Array> = {
    ...{ empty: new Uint8Array(), magic: new TextEncoder().encode("PAR1PAR1") },
    ...{ cut: good.slice(0, -100), "no footer": claim(0), "half a footer": claim(footer >> 1) },
    ...{ "footer beyond the file": claim(good.length), "footer of 4 GB": claim(0xffffffff) },
    "footer of noughts": changed((_, bytes) => bytes.fill(0, good.length - 8 - footer, -8)),
    "footer of ones": changed((_, bytes) => bytes.fill(0xff, good.length - 8 - footer, -8)),
  };
  const next = seeded(11);
  for (let i = 0; i < BROKEN; i++) {
    // within the pages, or within the footer: some of its numbers may become huge
    const [begin, end] = i % 2 === 0
      ? [4, good.length - 8 - footer]
      : [good.length - 8 - footer, good.length];
    files[`random ${i}`] = changed((_, bytes) => {
      const at = begin + Math.floor(next() * (end - begin));
      bytes.fill(next() < 0.5 ? 0xff : Math.floor(next() * 256), at, Math.min(end, at + 4));
    });
  }
  for (const [name, bytes] of Object.entries(files)) {
    await Deno.writeFile(join(folder, `${name}.parquet`), bytes);
  }
  return Object.keys(files).filter((name) => !name.startsWith("random"))
    .map((name) => join(folder, `${name}.parquet`));
}

Deno.test("bombs of Parquet, and footers that lie, cost neither memory nor what lies beside them", async () => {
  using folder = temporaryFolder();
  const events = join(folder.path, "events");
  const day = join(events, "2026-03-10");
  await Deno.mkdir(day, { recursive: true });
  const reasons = await writeBombs(day);
  for (const path of await writeBroken(day)) reasons.set(path, "file is no sound Parquet");
  const config = join(folder.path, "shellscope.yaml");
  await Deno.writeTextFile(
    config,
    `store: ./s.sqlite
sources:
  - { kind: teleport, events: { archive: ./events }, recordings: { folder: ./events } }
`,
  );
  const began = performance.now();
  const { status, said, peakBytes } = await measuredRun(["pull", "teleport", "--config", config]);
  console.log(
    `${BOMBS_COUNT} bombs of ${BYTES / 1e6} MB each, ${reasons.size - BOMBS_COUNT} footers that ` +
      `lie, ${BROKEN} damaged: ${((performance.now() - began) / 1000).toFixed(1)} s, ` +
      `${(peakBytes / 1e6).toFixed(0)} MB at the most`,
  );
  assert.equal(status, 3, said);
  assert.ok(peakBytes < MAX_PEAK_BYTES, `${peakBytes} bytes`);
  using store = new DatabaseSync(join(folder.path, "s.sqlite"), { readOnly: true });
  const told = store.prepare("SELECT reason FROM skips WHERE uri = ?");
  for (const [path, reason] of reasons) assert.equal(told.get(path)?.reason, reason, path);
  const { n } = store.prepare("SELECT count(*) AS n FROM sessions WHERE principal = 'ana'").get()!;
  assert.ok(Number(n) >= LARGE_ROWS, said);
  for (const name of ["good", "large"]) {
    assert.equal(told.get(join(day, `${name}.parquet`)), undefined, name);
  }
});

const BOMBS_COUNT = Object.keys(BOMBS).length;
