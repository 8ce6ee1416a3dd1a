/** One thing that was looked at. Only `failed` keeps a pull from working. */
export interface Check {
  source: string;
  check: string;
  state: "ok" | "warning" | "failed" | "skipped";
  /** What was found: names and settings, never content. */
  found: string;
  /** The IAM action or the setting that mends it; null where nothing is to be mended. */
  advice: string | null;
}

/** A check before it is known which source it is of. */
export type CheckOutcome = Omit<Check, "source">;

/** What a check says when nothing is to be mended. */
export function ok(check: string, found: string): CheckOutcome {
  return { check, state: "ok", found, advice: null };
}

export function warning(check: string, found: string, advice: string): CheckOutcome {
  return { check, state: "warning", found, advice };
}

export function failed(check: string, found: string, advice: string): CheckOutcome {
  return { check, state: "failed", found, advice };
}

export function skipped(check: string, found: string): CheckOutcome {
  return { check, state: "skipped", found, advice: null };
}

/** A message of a source cut in two: what mends it stands behind its last semicolon. */
export function foundAndMend(message: string): [found: string, advice: string] {
  const at = message.lastIndexOf("; ");
  if (at < 0) return [message, "check the configuration and the network, then try again"];
  return [message.slice(0, at), message.slice(at + 2)];
}
