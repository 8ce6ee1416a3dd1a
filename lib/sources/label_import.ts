import { isLabelKey, toLabelValue } from "../model/label.ts";
import { OPERATOR_TYPES } from "../model/vocabulary.ts";

/** A label that came from outside, made valid. */
export interface ImportedLabel {
  key: string;
  value: string;
}

/** Why a label from outside was not taken; the counts go into the summary. */
export type RefusedLabels = Record<string, number>;

/** At most this many labels are taken from one file or row. */
const MAX_IMPORTED_LABELS = 100;

/**
 * A label from outside under the key it is to have here. Only ground truth (`truth.*`) and where a
 * fixture came from (`fixture.*`) may be imported: all else would speak for a classifier or a
 * reviewer. Gives the reason where it is refused. An empty value is no label: null.
 */
function importedLabel(
  key: string,
  value: string,
): ImportedLabel | { refused: string } | null {
  if (!key.startsWith("truth.") && !key.startsWith("fixture.")) {
    return { refused: "key is neither truth.* nor fixture.*" };
  }
  if (!isLabelKey(key)) return { refused: "key is not valid" };
  if (value.trim() === "") return null;
  const clean = toLabelValue(value);
  if (clean === "") return { refused: "value is not valid" };
  if (key === "truth.operator-type" && !(OPERATOR_TYPES as readonly string[]).includes(value)) {
    return { refused: "operator type is not known" };
  }
  return { key, value: clean };
}

/** Takes labels one by one; a key that comes twice keeps its first value. */
export class LabelCollector {
  readonly labels: ImportedLabel[] = [];
  readonly refused: RefusedLabels = {};

  add(key: string, value: string): void {
    const label = importedLabel(key, value);
    if (label === null) return;
    if ("refused" in label) this.refuse(label.refused);
    else if (this.labels.some((taken) => taken.key === label.key)) this.refuse("key comes twice");
    else if (this.labels.length >= MAX_IMPORTED_LABELS) this.refuse("too many labels");
    else this.labels.push(label);
  }

  /** A value as JSON has it; null, or none, is no label. */
  addValue(key: string, value: unknown): void {
    if (typeof value === "string") this.add(key, value);
    else if (typeof value === "number" || typeof value === "boolean") this.add(key, String(value));
    else if (value !== null && value !== undefined) {
      this.refuse("value is no text, number or flag");
    }
  }

  refuse(reason: string): void {
    this.refused[reason] = (this.refused[reason] ?? 0) + 1;
  }
}
