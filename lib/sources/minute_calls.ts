import { z } from "zod";
import { MAX_MINUTE_CALLS, type RawCall } from "../model/call_minute.ts";

const call = z.tuple([
  z.string().regex(/^\d{1,8}$/),
  z.string(),
  z.union([z.string(), z.number()]).nullable(),
  z.boolean().nullable(),
  z.string().nullable(),
  z.string().nullable(),
  z.string().nullable(),
  z.string(),
]);

/**
 * The calls of a row of a minutes query, in order of time, at most 1,000: `text` is the inside of
 * a JSON array that may end within a call. `unitsPerMs` is how many of the offsets' units a
 * millisecond has. Throws a ZodError where the text is not what the query writes.
 */
export function minuteCalls(text: string, unitsPerMs: number): RawCall[] {
  return wholeCalls(text).slice(0, MAX_MINUTE_CALLS).map((item) => {
    const [offset, method, code, granted, invocation, resourceKind, resourceHash] = call.parse(
      item,
    );
    return {
      offsetMs: Math.floor(Number(offset) / unitsPerMs),
      ...{ method, code: code === null ? null : String(code), granted, invocation },
      ...{ resourceKind, resourceHash },
    };
  });
}

// No text inside a call has brackets, so that a call ends at the first that closes.
function wholeCalls(text: string): unknown[] {
  const end = text.lastIndexOf("]");
  return end < 0 ? [] : JSON.parse(`[${text.slice(0, end + 1)}]`);
}
