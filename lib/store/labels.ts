import { checkLabel, type LabelRow } from "../model/label.ts";
import { LabelError } from "../model/errors.ts";
import { OPERATOR_TYPES } from "../model/vocabulary.ts";
import {
  dropLabel,
  isManual,
  type LabelHistoryRow,
  putLabel,
  type PutOutcome,
  type StandingLabel,
  writerFamily,
} from "./label_rows.ts";
import { RESOLVED_KEYS, resolveOperatorType } from "./operator_type.ts";
import type { Store } from "./store.ts";

/** A label to be set. */
export type LabelInput = Pick<LabelRow, "subject_id" | "key" | "value">;

/** Who sets labels, and when. */
export interface LabelWriter {
  /** `phase1@…`, `phase2:…@…`, `ingest`, `import:…`, or by hand `manual:<user>`. */
  setBy: string;
  /** Becomes `set_at` of what changes. */
  now: Date;
}

/** What became (`outcome`) of the label `key` of `subject_id`; `reason` says why it was refused. */
export type LabelOutcome =
  & { subject_id: string; key: string }
  & ({ outcome: PutOutcome } | { outcome: "refused"; reason: string });

/** Families of writers that classify, and what they never write: ground truth, people's marks. */
const CLASSIFIERS = new Set(["phase1", "phase2", "correlate"]);
const CLOSED_TO_CLASSIFIERS = /^(truth|review|fixture)\./;

/** Labels of which each value means a class: a typo would be a class of its own. */
const TYPE_KEYS = new Set(["operator.type", "truth.operator-type"]);

/**
 * Sets labels and says what became of each. A machine never replaces what a person set
 * (`kept-manual`), phase 1 not what phase 2 set (`kept-phase2`). Refused, with the reason, are
 * labels against Kubernetes' syntax, operator types that there are not, unknown subjects, and a
 * classifier's `truth.*`, `review.*`
 * and `fixture.*`; the others are set all the same.
 */
export function setLabels(
  store: Store,
  labels: readonly LabelInput[],
  by: LabelWriter,
): LabelOutcome[] {
  const writer = checkedWriter(by);
  return store.transaction(() =>
    labels.map((label): LabelOutcome => {
      const { subject_id, key } = label;
      const reason = labelRefusal(store, { ...label, set_by: writer.set_by });
      if (reason !== null) return { subject_id, key, outcome: "refused", reason };
      return { subject_id, key, outcome: putAndResolve(store, { ...label, ...writer }) };
    })
  );
}

function putAndResolve(store: Store, label: LabelRow, standing?: StandingLabel): PutOutcome {
  const { subject_id, key, set_by, set_at } = label;
  const outcome = putLabel(store, label, standing === undefined ? {} : { standing });
  if (outcome === "set" && RESOLVED_KEYS.has(key)) {
    resolveOperatorType(store, subject_id, { set_by, set_at });
  }
  return outcome;
}

/** All labels that one classifier has for one subject. */
export interface SubjectLabels {
  subject_id: string;
  labels: Readonly<Record<string, string>>;
}

/**
 * Makes these the only labels of a writer's family (`phase1` of `phase1@…`) on each subject: sets
 * them as {@link setLabels} does, and removes the ones it set before and says no more. What
 * verdicts are resolved into (`operator.type` and its confidence) stays. Returns the outcomes of
 * the labels set.
 */
export function replaceLabels(
  store: Store,
  subjects: readonly SubjectLabels[],
  by: LabelWriter,
): LabelOutcome[] {
  const family = writerFamily(by.setBy);
  const writer = checkedWriter(by);
  return store.transaction(() =>
    subjects.flatMap(({ subject_id, labels }) => {
      const known = new Map<string, LabelRow>();
      for (const label of listLabels(store, subject_id)) {
        const { key, set_by } = label;
        known.set(key, label);
        if (writerFamily(set_by) !== family) continue;
        if (Object.hasOwn(labels, key) || RESOLVED_KEYS.has(key)) continue;
        dropLabel(store, { subject_id, key, ...writer });
      }
      const isThere = known.size > 0 || isSubject(store, subject_id);
      return Object.entries(labels).map(([key, value]): LabelOutcome => {
        const standing = known.get(key) ?? null;
        if (standing?.value === value && standing.set_by === by.setBy) {
          return { subject_id, key, outcome: "unchanged" };
        }
        const label = { subject_id, key, value, ...writer };
        const reason = labelFault(label) ?? (isThere ? null : NO_SUBJECT);
        if (reason !== null) return { subject_id, key, outcome: "refused", reason };
        // what another label of these was resolved into is not what stood there before
        const outcome = RESOLVED_KEYS.has(key)
          ? putAndResolve(store, label)
          : putAndResolve(store, label, standing);
        return { subject_id, key, outcome };
      });
    })
  );
}

/**
 * Removes the labels `keys` of one subject (`subjectId`); a machine can't remove what a person set.
 * Returns how many were removed. `operator.type` then falls back to what the verdicts say.
 */
export function removeLabels(
  store: Store,
  { subjectId, keys }: { subjectId: string; keys: readonly string[] },
  by: LabelWriter,
): number {
  const writer = checkedWriter(by);
  return store.transaction(() => {
    const known = new Map(listLabels(store, subjectId).map(({ key, set_by }) => [key, set_by]));
    let removed = 0;
    for (const key of new Set(keys)) {
      if (isManual(known.get(key) ?? "") && !isManual(by.setBy)) continue;
      if (!dropLabel(store, { subject_id: subjectId, key, ...writer })) continue;
      removed++;
      if (RESOLVED_KEYS.has(key)) resolveOperatorType(store, subjectId, writer);
    }
    return removed;
  });
}

/** The labels of a subject, by key. */
export function listLabels(store: Store, subjectId: string): LabelRow[] {
  return store.statement(
    "SELECT subject_id, key, value, set_by, set_at FROM labels WHERE subject_id = ? ORDER BY key",
  ).all(subjectId).map((row) => ({ ...row } as unknown as LabelRow));
}

/** Every change of a subject's labels, oldest first. */
export function labelHistory(store: Store, subjectId: string): LabelHistoryRow[] {
  return store.statement(
    `SELECT subject_id, key, change, old_value, new_value, set_by, set_at
     FROM label_history WHERE subject_id = ? ORDER BY change_id`,
  ).all(subjectId).map((row) => ({ ...row } as unknown as LabelHistoryRow));
}

function checkedWriter({ setBy, now }: LabelWriter): Pick<LabelRow, "set_by" | "set_at"> {
  if (!/^[^\p{C}]{1,256}$/u.test(setBy)) {
    throw new LabelError("A label's writer must be 1 to 256 visible characters");
  }
  return { set_by: setBy, set_at: now.toISOString() };
}

/** Why a label would be refused, as {@link setLabels} says; null where it would not. */
export function labelRefusal(store: Store, label: Omit<LabelRow, "set_at">): string | null {
  return labelFault(label) ?? (isSubject(store, label.subject_id) ? null : NO_SUBJECT);
}

const NO_SUBJECT = "There is no such subject in the store";

function isSubject(store: Store, id: string): boolean {
  return store.statement("SELECT 1 FROM subjects WHERE subject_id = ?").get(id) !== undefined;
}

/** What is wrong with a label, whatever it is set on. */
function labelFault(
  { key, value, set_by }: Pick<LabelRow, "key" | "value" | "set_by">,
): string | null {
  try {
    checkLabel(key, value);
  } catch (error) {
    if (error instanceof LabelError) return error.message;
    throw error;
  }
  if (TYPE_KEYS.has(key) && !(OPERATOR_TYPES as readonly string[]).includes(value)) {
    return `Value "${value}" of label "${key}" is not one of ${OPERATOR_TYPES.join(", ")}`;
  }
  const family = writerFamily(set_by);
  if (CLASSIFIERS.has(family) && CLOSED_TO_CLASSIFIERS.test(key)) {
    return `Label "${key}" is not for ${family} to write`;
  }
  return null;
}
