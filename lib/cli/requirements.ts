import type { Requirement } from "../evaluation/gate.ts";
import { UsageError } from "../model/errors.ts";
import { DRIVER_CLASSES } from "../model/vocabulary.ts";
import type { Call, Flag } from "./verb.ts";

/** Flags that make an evaluation a gate. */
export const REQUIREMENT_FLAGS: Record<string, Flag> = {
  "min-precision": {
    value: "[CLASS=]X",
    multiple: true,
    help: "exit 1 where precision is below; of each class where none is named",
  },
  "min-recall": { value: "[CLASS=]X", multiple: true, help: "the same for recall" },
  "min-f1": { value: "[CLASS=]X", multiple: true, help: "the same for F1" },
  "max-unknown": { value: "X", help: "exit 1 where a larger share of the judged is unknown" },
};

/** What a call asks for; throws a {@link UsageError} for what is no share or no class. */
export function requirementsOf(call: Call): Requirement[] {
  const least = (["precision", "recall", "f1"] as const).flatMap((measure) =>
    call.texts(`min-${measure}`).map((text): Requirement => {
      const [, name, number] = /^(?:([^=]*)=)?([^=]*)$/.exec(text) ?? [];
      if (name !== undefined && !(DRIVER_CLASSES as readonly string[]).includes(name)) {
        throw new UsageError(
          `--min-${measure} takes a class of ${DRIVER_CLASSES.join(", ")}, as in human=0.9`,
        );
      }
      return { measure, name: name ?? null, least: share(number, `min-${measure}`) };
    })
  );
  const most = call.text("max-unknown");
  return most === undefined
    ? least
    : [...least, { measure: "unknown", most: share(most, "max-unknown") }];
}

function share(text: string | undefined, flag: string): number {
  const value = text === undefined || text.trim() === "" ? NaN : Number(text);
  if (value >= 0 && value <= 1) return value;
  throw new UsageError(`--${flag} takes a share from 0 to 1, as in 0.9 or human=0.9`);
}
