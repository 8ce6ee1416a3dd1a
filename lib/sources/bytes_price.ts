/** BigQuery's list price of on-demand queries in most regions, in USD a TiB (2025). */
const USD_PER_TIB = 6.25;
/** Each table that a query reads is billed as this much at least. */
const LEAST_BYTES = 10 * 1024 * 1024;

/** What scanning some tables would be billed as. */
export function billedBytes(bytes: number, tables: number): number {
  return Math.max(bytes, tables * LEAST_BYTES);
}

/** What bytes would cost at BigQuery's list price: `about 0.31 USD at 6.25 USD a TiB`. */
export function scanCost(bytes: number): string {
  const usd = bytes / 1024 ** 4 * USD_PER_TIB;
  const text = usd < 0.01 ? "less than 0.01" : `about ${usd.toFixed(2)}`;
  return `${text} USD at ${USD_PER_TIB} USD a TiB`;
}
