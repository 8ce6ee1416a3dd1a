/** A share, `hits` of `of`, with its 95 % interval from `low` to `high`. */
export interface Rate {
  hits: number;
  of: number;
  /** null where there is nothing to take a share of. */
  value: number | null;
  /** Wilson's score interval at 95 %. */
  low: number;
  high: number;
}

const Z = 1.959964;

/** Wilson's score interval: honest for small numbers and for shares near 0 and 1. */
export function rate(hits: number, of: number): Rate {
  if (of === 0) return { hits, of, value: null, low: 0, high: 1 };
  const p = hits / of;
  const z2 = Z * Z / of;
  const centre = (p + z2 / 2) / (1 + z2);
  const half = Z * Math.sqrt(p * (1 - p) / of + z2 / (4 * of)) / (1 + z2);
  return { hits, of, value: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** `0.975 (39/40, 0.871 to 0.996)`; nothing where there is nothing to take a share of. */
export function rateText({ value, hits, of, low, high }: Rate): string {
  if (value === null) return "";
  return `${value.toFixed(3)} (${hits}/${of}, ${low.toFixed(3)} to ${high.toFixed(3)})`;
}
