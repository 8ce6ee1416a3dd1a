/** A column's type, as the Glue catalogue spells it: `struct<arn:string,tags:array<string>>`. */
export type HiveType =
  | { kind: "plain"; name: string }
  | { kind: "struct"; fields: ReadonlyMap<string, HiveType> }
  | { kind: "array"; of: HiveType };

const MAX_DEPTH = 32;

/**
 * Reads the text of a type; names come in lower case, since the catalogue knows no other. What is no
 * struct and no array, maps among it, is plain. Never throws: of a text that breaks off comes what
 * stands before.
 */
export function parseHiveType(text: string): HiveType {
  return read({ text: text.toLowerCase().replaceAll(/\s/g, ""), at: 0 }, 0);
}

interface Cursor {
  text: string;
  at: number;
}

function read(cursor: Cursor, depth: number): HiveType {
  const name = /^[a-z0-9_]*/.exec(cursor.text.slice(cursor.at, cursor.at + 64))![0];
  cursor.at += name.length;
  if (depth < MAX_DEPTH && cursor.text[cursor.at] === "<") {
    if (name === "struct") return { kind: "struct", fields: fieldsOf(cursor, depth) };
    if (name === "array") {
      cursor.at++;
      const of = read(cursor, depth + 1);
      if (cursor.text[cursor.at] === ">") cursor.at++;
      return { kind: "array", of };
    }
  }
  skipBrackets(cursor);
  return { kind: "plain", name };
}

function fieldsOf(cursor: Cursor, depth: number): Map<string, HiveType> {
  const fields = new Map<string, HiveType>();
  do {
    cursor.at++;
    const end = cursor.text.indexOf(":", cursor.at);
    if (end < 0) {
      cursor.at = cursor.text.length;
      break;
    }
    const name = cursor.text.slice(cursor.at, end);
    cursor.at = end + 1;
    fields.set(name, read(cursor, depth + 1));
  } while (cursor.text[cursor.at] === ",");
  if (cursor.text[cursor.at] === ">") cursor.at++;
  return fields;
}

// What stands in brackets behind a plain name: `decimal(10,2)`, `map<string,string>`.
function skipBrackets(cursor: Cursor): void {
  let open = 0;
  for (; cursor.at < cursor.text.length; cursor.at++) {
    const sign = cursor.text[cursor.at]!;
    if (sign === "<" || sign === "(") open++;
    else if (sign === ">" || sign === ")") {
      if (open === 0) return;
      open--;
    } else if (sign === "," && open === 0) return;
  }
}
