import { MAX_MINUTE_CALLS, type RawCall } from "../model/call_minute.ts";

/**
 * The calls of a row of a minutes query, in order of time, at most 1,000: each
 * `offset method code granted invocation kind hash id,`, with `~` for what is absent; `text` may end
 * within a call. `unitsPerMs` is how many of the offsets' units a millisecond has. Throws a
 * TypeError where the text is not what the query writes.
 */
export function minuteCalls(text: string, unitsPerMs: number): RawCall[] {
  // what is behind the last comma is no whole call
  const calls = text.split(",", MAX_MINUTE_CALLS + 1).slice(0, -1);
  return calls.map((call) => callOf(call, unitsPerMs));
}

function callOf(text: string, unitsPerMs: number): RawCall {
  const fields = text.split(" ");
  const [offset, method, code, granted, invocation, resourceKind, resourceHash] = fields;
  if (fields.length !== 8 || !(Number(offset) >= 0)) {
    throw new TypeError("A minutes query gave a call of another form");
  }
  return {
    offsetMs: Math.floor(Number(offset) / unitsPerMs),
    method: method!,
    code: presentOf(code),
    granted: granted === "null" ? null : granted === "true",
    invocation: presentOf(invocation),
    resourceKind: presentOf(resourceKind),
    resourceHash: presentOf(resourceHash),
  };
}

function presentOf(field: string | undefined): string | null {
  return field === undefined || field === "~" ? null : field;
}
