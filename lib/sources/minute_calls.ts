import { MAX_MINUTE_CALLS, type RawCall } from "../model/call_minute.ts";

/**
 * The calls of a row of a minutes query, in order of time, at most 1,000: each
 * `offset method code granted invocation kind hash id,`, with `~` for what is absent; `text` may end
 * within a call. `unitsPerMs` is how many of the offsets' units a millisecond has. Throws a
 * TypeError where the text is not what the query writes.
 */
export function minuteCalls(text: string, unitsPerMs: number): RawCall[] {
  const calls: RawCall[] = [];
  let begin = 0;
  let end = text.indexOf(",");
  while (end >= 0 && calls.length < MAX_MINUTE_CALLS) {
    calls.push(callOf(new Fields(text, begin, end), unitsPerMs));
    begin = end + 1;
    end = text.indexOf(",", begin);
  }
  return calls;
}

function callOf(fields: Fields, unitsPerMs: number): RawCall {
  const call: RawCall = {
    offsetMs: Math.floor(Number(fields.next()) / unitsPerMs),
    method: fields.next(),
    code: presentOf(fields.next()),
    granted: grantedOf(fields.next()),
    invocation: presentOf(fields.next()),
    resourceKind: presentOf(fields.next()),
    resourceHash: presentOf(fields.next()),
    id: fields.last(),
  };
  if (!(call.offsetMs >= 0)) throw wrongForm();
  return call;
}

function presentOf(field: string): string | null {
  return field === "~" ? null : field;
}

function grantedOf(field: string): boolean | null {
  return field === "null" ? null : field === "true";
}

/** The fields of a call one by one; half a million a second are too many to split into arrays. */
class Fields {
  constructor(private readonly text: string, private begin: number, private readonly end: number) {}

  next(): string {
    const space = this.text.indexOf(" ", this.begin);
    if (space < 0 || space >= this.end) throw wrongForm();
    const field = this.text.slice(this.begin, space);
    this.begin = space + 1;
    return field;
  }

  last(): string {
    const space = this.text.indexOf(" ", this.begin);
    if (space >= 0 && space < this.end) throw wrongForm();
    return this.text.slice(this.begin, this.end);
  }
}

function wrongForm(): TypeError {
  return new TypeError("A minutes query gave a call of another form");
}
