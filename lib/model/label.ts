import { LabelError } from "./errors.ts";

/** One label of a subject; one value a key. */
export interface LabelRow {
  /** Whose label it is: a session, a segment or an activity. */
  subject_id: string;
  /** Kubernetes' syntax: see {@link isLabelKey}. */
  key: string;
  /** At most 63 characters, may be empty: see {@link isLabelValue}. */
  value: string;
  /** `phase1@…`, `phase2:…@…`, `ingest`, `import:…`, or by hand `manual:<user>`. */
  set_by: string;
  /** ISO time, UTC; of the last change of value or writer. */
  set_at: string;
}

const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Kubernetes' syntax for keys: `[prefix/]name`, name at most 63 characters, prefix 253. */
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf("/");
  if (slash < 0) return NAME.test(key);
  const prefix = key.slice(0, slash);
  if (prefix.length === 0 || prefix.length > 253) return false;
  return prefix.split(".").every((part) => DNS_LABEL.test(part)) && NAME.test(key.slice(slash + 1));
}

/** Kubernetes' syntax for values: empty, or at most 63 characters of the name's alphabet. */
export function isLabelValue(value: string): boolean {
  return value === "" || NAME.test(value);
}

/** Throws a {@link LabelError} that names the fault; quotes at most 80 characters, escaped. */
export function checkLabel(key: string, value: string): void {
  if (!isLabelKey(key)) {
    throw new LabelError(
      `Label key ${quote(key)} is not valid: use letters, digits, "-", "_" and "." (at most 63), ` +
        `with an optional DNS prefix and "/"`,
    );
  }
  if (!isLabelValue(value)) {
    throw new LabelError(
      `Value ${quote(value)} of label "${key}" is not valid: use at most 63 letters, digits, ` +
        `"-", "_" and ".", beginning and ending with a letter or digit`,
    );
  }
}

/** Turns text from outside into a valid label value: other characters become `-`. */
export function toLabelValue(text: string): string {
  return text.slice(0, 200).replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "")
    .slice(0, 63).replace(/[^A-Za-z0-9]+$/, "");
}

/** A text as an error message quotes it: its begin. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
