import { nearestName } from "../model/nearest.ts";

/** `; did you mean "x"?` where a candidate is near, else nothing: the end of an error. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const found = nearestName(name, candidates);
  return found === null ? "" : `; did you mean "${found}"?`;
}
