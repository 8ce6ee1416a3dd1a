import { ACT_FEATURES } from "../model/act_features.ts";
import { BASE_FEATURES } from "../model/base_features.ts";
import { CALL_FEATURES } from "../model/call_features.ts";
import { CMD_FEATURES } from "../model/cmd_features.ts";
import { DESK_FEATURES } from "../model/desk_features.ts";
import { FEATURE_FAMILIES, type FeatureFamily, type FeatureTable } from "../model/feature.ts";
import { PTY_FEATURES, type PtyRhythm, RHYTHM_BINS } from "../model/pty_features.ts";
import type { Store } from "./store.ts";
import { storedJson } from "./stored_json.ts";

/** The features of each family, in the order of their columns. */
export const FEATURES: Readonly<Record<FeatureFamily, FeatureTable>> = {
  pty: PTY_FEATURES,
  cmd: CMD_FEATURES,
  call: CALL_FEATURES,
  desk: DESK_FEATURES,
  base: BASE_FEATURES,
  act: ACT_FEATURES,
};

/** Features of one subject; a feature that is absent is "not measured", as null is. */
export type SubjectFeatures =
  & { subject_id: string }
  & Record<string, string | number | boolean | null>;

const PUT: Record<FeatureFamily, string> = {
  pty: putStatement("pty"),
  cmd: putStatement("cmd"),
  call: putStatement("call"),
  desk: putStatement("desk"),
  base: putStatement("base"),
  act: putStatement("act"),
};

/**
 * Writes whole rows of a feature table: what a row doesn't name becomes null, as does a number that
 * is not finite. Throws a TypeError for a name the family doesn't have; the subject must be there.
 */
export function writeFeatures(
  store: Store,
  family: FeatureFamily,
  rows: readonly SubjectFeatures[],
): void {
  const table = FEATURES[family];
  const names = Object.keys(table);
  const statement = store.statement(PUT[family]);
  store.transaction(() => {
    for (const row of rows) {
      for (const name of Object.keys(row)) {
        if (name === "subject_id" || Object.hasOwn(table, name)) continue;
        throw new TypeError(`There is no feature "${name}" in family "${family}"`);
      }
      statement.run(row.subject_id, ...names.map((name) => columnValue(row[name])));
    }
  });
}

/** The features of one subject and family, flags as booleans; null where it has none. */
export function readFeatures(
  store: Store,
  family: FeatureFamily,
  subjectId: string,
): Record<string, number | boolean | null> | null {
  const row = store.statement(`SELECT * FROM features_${family} WHERE subject_id = ?`)
    .get(subjectId);
  if (row === undefined) return null;
  return Object.fromEntries(
    Object.entries(FEATURES[family]).map(([name, { type }]) => {
      const value = row[name] as number | null;
      return [name, type === "flag" && value !== null ? value === 1 : value];
    }),
  );
}

/** Forgets what was measured of one subject. */
export function clearFeatures(store: Store, subjectId: string): void {
  for (const family of FEATURE_FAMILIES) {
    store.statement(`DELETE FROM features_${family} WHERE subject_id = ?`).run(subjectId);
  }
}

/** Writes a recording's rhythm, in place of the one before. */
export function writeRhythm(store: Store, subjectId: string, rhythm: PtyRhythm): void {
  if (rhythm.events.length > RHYTHM_BINS || rhythm.bytes.length > RHYTHM_BINS) {
    throw new RangeError(`A rhythm has at most ${RHYTHM_BINS} bins`);
  }
  const lists = [rhythm.events, rhythm.bytes, rhythm.gap_histogram].map((l) => JSON.stringify(l));
  store.statement(
    `INSERT INTO pty_rhythm (subject_id, bin_seconds, events, bytes, gap_histogram)
     VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (subject_id) DO UPDATE SET bin_seconds = excluded.bin_seconds,
       events = excluded.events, bytes = excluded.bytes, gap_histogram = excluded.gap_histogram`,
  ).run(subjectId, rhythm.bin_seconds, ...lists);
}

/** The rhythm of a subject's recording, or null. */
export function readRhythm(store: Store, subjectId: string): PtyRhythm | null {
  const row = store.statement(
    "SELECT bin_seconds, events, bytes, gap_histogram FROM pty_rhythm WHERE subject_id = ?",
  ).get(subjectId);
  if (row === undefined) return null;
  const list = (name: "events" | "bytes" | "gap_histogram") =>
    storedJson<number[]>(store, `pty_rhythm.${name}`, row[name]);
  return {
    bin_seconds: Number(row["bin_seconds"]),
    events: list("events"),
    bytes: list("bytes"),
    gap_histogram: list("gap_histogram"),
  };
}

function putStatement(family: FeatureFamily): string {
  const names = Object.keys(FEATURES[family]);
  return `INSERT INTO features_${family} (subject_id, ${names.join(", ")})
    VALUES (?${", ?".repeat(names.length)})
    ON CONFLICT (subject_id) DO UPDATE SET
      ${names.map((name) => `${name} = excluded.${name}`).join(", ")}`;
}

function columnValue(value: string | number | boolean | null | undefined): number | null {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
