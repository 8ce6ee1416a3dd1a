import {
  type Address,
  ADDRESS_PLACES,
  addressOf,
  type AddressPlace,
  MAX_ADDRESSES,
  type SessionAddresses,
} from "../model/address.ts";
import type { PlacedAddress } from "../model/correlation.ts";
import { keyedHash } from "./keyed_hash.ts";
import type { Store } from "./store.ts";

/** Adds addresses to those that are known of a session; what is no address is left out. */
export function addAddresses(
  store: Store,
  sessionId: string,
  addresses: SessionAddresses,
): void {
  const insert = store.statement(
    `INSERT INTO session_addresses (session_id, place, address_hash, family, reach)
     VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  for (const place of ADDRESS_PLACES) {
    for (const text of addresses[place].slice(0, MAX_ADDRESSES)) {
      const address = hashedAddress(store, text);
      if (address === null) continue;
      insert.run(sessionId, place, address.hash, address.family, address.reach);
    }
  }
}

/** The addresses that are known of a session. */
export function readAddresses(store: Store, sessionId: string): PlacedAddress[] {
  return store.statement(
    `SELECT place, address_hash, family, reach FROM session_addresses WHERE session_id = ?
     ORDER BY place, address_hash`,
  ).all(sessionId).map((row) => ({
    place: row["place"] as AddressPlace,
    hash: String(row["address_hash"]),
    family: Number(row["family"]) as Address["family"],
    reach: row["reach"] as Address["reach"],
  }));
}

/** An address as it is stored and compared: its keyed hash; null for what is none. */
export function hashedAddress(
  store: Store,
  text: string,
): Omit<PlacedAddress, "place"> | null {
  const address = addressOf(text);
  if (address === null) return null;
  const { family, reach } = address;
  return { hash: keyedHash(store, `address ${address.text}`), family, reach };
}
