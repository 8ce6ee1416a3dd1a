import { MAX_MINUTE_CALLS, type RawCall } from "../model/call_minute.ts";

/** A call as the queries write it; ten thousands a second are too many for a schema. */
type CallItem = [
  offset: string,
  method: string,
  code: string | number | null,
  granted: boolean | null,
  invocation: string | null,
  resourceKind: string | null,
  resourceHash: string | null,
  id: string,
];

/**
 * The calls of a row of a minutes query, in order of time, at most 1,000: `text` is the inside of
 * a JSON array that may end within a call. `unitsPerMs` is how many of the offsets' units a
 * millisecond has. Throws a TypeError where the text is not what the query writes.
 */
export function minuteCalls(text: string, unitsPerMs: number): RawCall[] {
  return wholeCalls(text).slice(0, MAX_MINUTE_CALLS).map((item) => {
    if (!isCall(item)) throw new TypeError("A minutes query gave a call of another form");
    const [offset, method, code, granted, invocation, resourceKind, resourceHash] = item;
    return {
      offsetMs: Math.floor(Number(offset) / unitsPerMs),
      method,
      code: code === null ? null : String(code),
      granted,
      invocation,
      resourceKind,
      resourceHash,
    };
  });
}

function isCall(item: unknown): item is CallItem {
  if (!Array.isArray(item) || item.length !== 8) return false;
  const [offset, method, code, granted, ...texts] = item;
  return typeof offset === "string" && /^\d{1,8}$/.test(offset) && typeof method === "string" &&
    (code === null || typeof code === "string" || typeof code === "number") &&
    (granted === null || typeof granted === "boolean") &&
    texts.every((text) => text === null || typeof text === "string");
}

// No text inside a call has brackets, so that a call ends at the first that closes.
function wholeCalls(text: string): unknown[] {
  const end = text.lastIndexOf("]");
  return end < 0 ? [] : JSON.parse(`[${text.slice(0, end + 1)}]`);
}
