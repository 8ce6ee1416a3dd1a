import { createHmac } from "node:crypto";
import type { Store } from "./store.ts";

/**
 * A name that must not be stored, as 16 hex digits (64 bits of HMAC-SHA256 under the store's key):
 * equal for equal names within a store, not to be guessed without the key.
 */
export function keyedHash(store: Store, text: string): string {
  return createHmac("sha256", store.key).update(text).digest("hex").slice(0, 16);
}

/**
 * What hashes made inside a query are salted with: 64 hex digits derived from the store's key, which
 * itself never leaves this machine.
 */
export function querySalt(store: Store): string {
  return createHmac("sha256", store.key).update("query salt").digest("hex");
}
