/** What one reviewer says of one subject. */
export interface Rating {
  subjectId: string;
  reviewer: string;
  value: string;
}

/** How two reviewers agree on the subjects that both rated. */
interface PairAgreement {
  reviewers: readonly [string, string];
  n: number;
  agreed: number;
  /** Cohen's kappa; null where chance alone would agree on all: both used one value only. */
  kappa: number | null;
}

/** Subjects that reviewers rate differently. */
interface Conflict {
  subjectId: string;
  ratings: readonly Rating[];
}

/** How reviewers agree under one key. */
interface Agreement {
  /** Subjects that two or more rated; nothing else counts. */
  n: number;
  reviewers: readonly string[];
  pairs: readonly PairAgreement[];
  /** Krippendorff's alpha for nominal values; null where only one value was used. */
  alpha: number | null;
  conflicts: readonly Conflict[];
}

/**
 * How several reviewers agree: Cohen's kappa for each two of them on what both rated, and
 * Krippendorff's alpha (nominal) over all, which takes any number of reviewers and gaps. A subject
 * with one rating says nothing of agreement and is left out. One rating a reviewer and subject. Pure.
 */
export function agreementOf(ratings: readonly Rating[]): Agreement {
  const bySubject = Map.groupBy(ratings, ({ subjectId }) => subjectId);
  const units = [...bySubject.values()].filter((unit) => unit.length >= 2);
  const reviewers = [...new Set(units.flat().map(({ reviewer }) => reviewer))].sort();
  const pairs = reviewers.flatMap((first, i) =>
    reviewers.slice(i + 1).flatMap((second) => pairAgreement(units, [first, second]) ?? [])
  );
  return {
    n: units.length,
    reviewers,
    pairs,
    alpha: krippendorffAlpha(units.map((unit) => unit.map(({ value }) => value))),
    conflicts: units
      .filter((unit) => new Set(unit.map(({ value }) => value)).size > 1)
      .map((unit) => ({ subjectId: unit[0]!.subjectId, ratings: unit }))
      .sort((a, b) => a.subjectId < b.subjectId ? -1 : 1),
  };
}

function pairAgreement(
  units: readonly (readonly Rating[])[],
  reviewers: readonly [string, string],
): PairAgreement | null {
  const both = units.flatMap((unit): [string, string][] => {
    const [a, b] = reviewers.map((name) => unit.find(({ reviewer }) => reviewer === name));
    return a !== undefined && b !== undefined ? [[a.value, b.value]] : [];
  });
  if (both.length === 0) return null;
  const agreed = both.filter(([a, b]) => a === b).length;
  return { reviewers, n: both.length, agreed, kappa: cohenKappa(both) };
}

/** Cohen's kappa of pairs of values; null where chance alone agrees on all, or without pairs. */
export function cohenKappa(pairs: readonly (readonly [string, string])[]): number | null {
  const n = pairs.length;
  if (n === 0) return null;
  const observed = pairs.filter(([a, b]) => a === b).length / n;
  const values = new Set(pairs.flat());
  let expected = 0;
  for (const value of values) {
    const first = pairs.filter(([a]) => a === value).length / n;
    const second = pairs.filter(([, b]) => b === value).length / n;
    expected += first * second;
  }
  return expected === 1 ? null : (observed - expected) / (1 - expected);
}

/**
 * Krippendorff's alpha for nominal values: 1 less the disagreement seen over the one that chance
 * would make. `units` hold the values that one subject got; those with fewer than two do not count.
 */
export function krippendorffAlpha(units: readonly (readonly string[])[]): number | null {
  const counts = new Map<string, number>();
  let pairable = 0;
  let disagreed = 0;
  for (const unit of units) {
    if (unit.length < 2) continue;
    pairable += unit.length;
    const own = new Map<string, number>();
    for (const value of unit) {
      own.set(value, (own.get(value) ?? 0) + 1);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const alike = [...own.values()].reduce((sum, count) => sum + count * (count - 1), 0);
    disagreed += (unit.length * (unit.length - 1) - alike) / (unit.length - 1);
  }
  const alike = [...counts.values()].reduce((sum, count) => sum + count * (count - 1), 0);
  const byChance = (pairable * (pairable - 1) - alike) / (pairable - 1);
  return counts.size < 2 ? null : 1 - disagreed / byChance;
}
