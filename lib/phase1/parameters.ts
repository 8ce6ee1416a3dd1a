import type { PackParameter, Rule } from "./rule.ts";

/** Full names of the parameters that a rule reads. */
export function paramsOf(rule: Rule): string[] {
  return [...new Set([...rule.applies.params, ...rule.when.params])];
}

/** Values to try of a parameter: `steps` even steps over its range, whole where its numbers are. */
export function valuesOver(
  { value, min, max }: PackParameter & { min: number; max: number },
  steps: number,
): number[] {
  const whole = [value, min, max].every(Number.isInteger);
  const values = Array.from({ length: steps + 1 }, (_, i) => {
    const at = min + (max - min) * i / steps;
    return whole ? Math.round(at) : Number(at.toPrecision(3));
  });
  return [...new Set(values)];
}
