/** An IP address in its one spelling. */
export interface Address {
  text: string;
  family: 4 | 6;
  /** `private`: of a network behind others, so that the world sees another one. */
  reach: "public" | "private";
}

/** Where an address of a session on a terminal was seen. */
export const ADDRESS_PLACES = ["client", "host"] as const;
export type AddressPlace = (typeof ADDRESS_PLACES)[number];

/** Addresses of one session: from where somebody came, and with which the host called others. */
export type SessionAddresses = Readonly<Record<AddressPlace, readonly string[]>>;

/** Addresses that are kept of one session and place. */
export const MAX_ADDRESSES = 64;

const MAX_TEXT = 64;
const IPV4 = /^(?:::ffff:)?(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?::\d{1,5})?$/i;
const IPV6 = /^\[?([0-9a-f:.]{2,45})(?:%[^\]]*)?\]?(?:(?<=\]):\d{1,5})?$/i;
// nobody can be told by these: unspecified, this machine, this link
const NOBODY = /^(?:0\.|127\.|169\.254\.|::1?$|fe[89ab])/;
const PRIVATE =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/;

/**
 * The address that a log names, with or without a port; null for what is none, or none that tells
 * one machine from another (loopback, link-local).
 */
export function addressOf(text: string): Address | null {
  if (text.length > MAX_TEXT) return null;
  const family = IPV4.test(text) ? 4 : 6;
  const found = family === 4
    ? hostOf(IPV4.exec(text)![1]!)
    : hostOf(`[${IPV6.exec(text)?.[1] ?? ""}]`)?.slice(1, -1) ?? null;
  if (found === null || NOBODY.test(found)) return null;
  return { text: found, family, reach: PRIVATE.test(found) ? "private" : "public" };
}

/** The host of a URL: checked, and in its shortest form; null where it is none. */
function hostOf(host: string): string | null {
  return URL.parse(`http://${host}/`)?.hostname ?? null;
}
