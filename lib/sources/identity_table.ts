import { ConfigError } from "../model/errors.ts";
import { readTable } from "./labels_table.ts";

/** Identities by principal, out of a table, and what of it was not taken. */
interface IdentityTable {
  rows: ReadonlyMap<string, readonly string[]>;
  /** Rows that were not taken: reason to count. */
  refused: Readonly<Record<string, number>>;
}

const MAX_ROWS = 1_000_000;
const MAX_IDENTITY = 254;
const MAX_PRINCIPAL = 16 * 1024;

/**
 * Reads a table of identities: CSV (RFC 4180) with a head line and the columns `principal` and
 * `identity`; others are passed over. Throws a {@link ConfigError} where there is no such table.
 */
export async function readIdentityTable(path: string): Promise<IdentityTable> {
  return parseIdentityTable(await readTable(path, "identities"), path);
}

/** The same of a text; `path` is for messages. */
export function parseIdentityTable(text: string, path: string): IdentityTable {
  const lines = csvRecords(text.replace(/^\ufeff/, ""));
  const head = lines.next();
  const names = head.done ? [] : head.value;
  const [principalAt, identityAt] = [names.indexOf("principal"), names.indexOf("identity")];
  if (principalAt < 0 || identityAt < 0) {
    throw new ConfigError(
      'the table of identities needs a head line with "principal" and "identity"',
      { file: path, line: 1 },
    );
  }
  const rows = new Map<string, Set<string>>();
  const refused: Record<string, number> = {};
  let count = 0;
  for (const cells of lines) {
    if (cells === UNCLOSED) {
      refused["a quote is never closed, what is behind it is not read"] = 1;
      break;
    }
    if (cells.length === 1 && cells[0] === "") continue;
    const [principal = "", identity = ""] = [cells[principalAt], cells[identityAt]];
    const reason = ++count > MAX_ROWS
      ? "row is beyond the first million"
      : fault(principal, identity);
    if (reason !== null) {
      refused[reason] = (refused[reason] ?? 0) + 1;
      continue;
    }
    const known = rows.get(principal);
    if (known === undefined) rows.set(principal, new Set([identity]));
    else known.add(identity);
  }
  return { rows: new Map([...rows].map(([name, identities]) => [name, [...identities]])), refused };
}

function fault(principal: string, identity: string): string | null {
  if (principal === "" || principal.length > MAX_PRINCIPAL) return "row names no principal";
  if (!/^[!-~]+$/.test(identity) || identity.length > MAX_IDENTITY) {
    return "identity is no plain name of at most 254 characters";
  }
  return null;
}

/** Stands for a record whose quote is never closed: it holds all that is behind it. */
const UNCLOSED: string[] = [];

/** The records of a CSV text, the last {@link UNCLOSED} where a quote is. */
function* csvRecords(text: string): Generator<string[]> {
  let cells: string[] = [];
  for (let at = 0; at <= text.length;) {
    let cell = "";
    if (text[at] === '"') {
      let closed = false;
      for (at++; at < text.length; at++) {
        const quote = text.indexOf('"', at);
        if (quote < 0) break;
        cell += text.slice(at, quote);
        at = quote + 1;
        closed = text[at] !== '"';
        if (closed) break;
        cell += '"';
      }
      if (!closed) {
        yield UNCLOSED;
        return;
      }
    }
    const end = /[,\r\n]/g;
    end.lastIndex = at;
    const found = end.exec(text);
    const stop = found?.index ?? text.length;
    cells.push(cell + text.slice(at, stop));
    at = stop + 1;
    if (found?.[0] === ",") continue;
    if (found?.[0] === "\r" && text[at] === "\n") at++;
    yield cells;
    cells = [];
    if (found === null) return;
  }
}
