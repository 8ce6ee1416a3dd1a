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
  return `${money(bytes / 1024 ** 4 * USD_PER_TIB)} at ${USD_PER_TIB} USD a TiB`;
}

/** Athena's list price in most regions, in USD a TB (2025), and the least that a query is billed as. */
const ATHENA_USD_PER_TB = 5;
const ATHENA_LEAST_BYTES = 10_000_000;

/** What queries that scan so many bytes together would cost at Athena's list price. */
export function athenaCost(bytes: number, queries: number): string {
  const billed = Math.max(bytes, queries * ATHENA_LEAST_BYTES);
  return `${money(billed / 1e12 * ATHENA_USD_PER_TB)} at ${ATHENA_USD_PER_TB} USD a TB`;
}

/** S3's list price of requests in most regions, in USD a thousand (2025). */
const USD_PER_1000_READS = 0.0004;

/** What reading objects would cost in requests; what leaves the region costs more. */
export function readsCost(objects: number): string {
  return `${
    money(objects / 1000 * USD_PER_1000_READS)
  } of requests; transfer out of AWS not counted`;
}

function money(usd: number): string {
  return `${usd < 0.01 ? "less than 0.01" : `about ${usd.toFixed(2)}`} USD`;
}
