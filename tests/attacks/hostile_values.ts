/** Text that has broken out of something somewhere: of SQL, markup, terminals, spreadsheets, paths. */
export const HOSTILE_VALUES: readonly string[] = [
  `'; DROP TABLE sessions; --`,
  `" OR 1=1 -- $1 ? :name`,
  `<script>document.title="PWNED"</script>`,
  `"><img src=x onerror="document.title='PWNED'"><pwned-element onclick=x>`,
  `</title></style></textarea><svg onload="document.title='PWNED'">`,
  "\x1b[2J\x1b[31mred \x9b31m\x9d0;PWNED\x9c",
  "\x1b]8;;https://example.com/PWNED\x1b\\click\x1b]8;;\x1b\\",
  "\x1b]52;c;UFdORUQ=\x07\x1bP+q544e\x1b\\",
  "\u202egnp.exe\u2066\u2028\u200b\u{e0041}\ufeff",
  "nul\0behind",
  "half \ud800 of a pair",
  `=HYPERLINK("https://example.com/PWNED","x")`,
  "+1+cmd|' /C calc'!A0",
  "-1+1",
  "@SUM(1+1)",
  "＝1+1",
  " \t=1+1",
  "../outside/evil",
  "..\\..\\outside\\evil",
  "/etc/passwd\0.tar",
  "%2e%2e%2foutside%2fevil",
  "__proto__",
  "constructor",
  "a=b,c!=d in (e)\n!f",
  "key: &a [*a, *a]\n--- !!js/function x",
  "| a | [x](javascript:document.title='PWNED') ![x](https://example.com/PWNED.png)",
  '```mermaid\ngraph TD; click A "javascript:document.title=1"\n```',
  "line\r\nSet-Cookie: PWNED",
  "${7*7} {{7*7}} <%= 7*7 %> `id` $(id)",
  "z" + "\u0300".repeat(500),
  "A".repeat(300),
];

const MEGABYTE = "B".repeat(1 << 20);
const LONG = Deno.env.get("LONG_RUNS") !== undefined;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/** The path to each text within a value: no field that a record has is forgotten. */
function* textPaths(value: Json, path: string[] = []): Generator<string[]> {
  if (typeof value === "string") yield path;
  else if (value !== null && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) yield* textPaths(inner, [...path, key]);
  }
}

function put(record: JsonObject, path: readonly string[], text: string): void {
  let at = record;
  for (const key of path.slice(0, -1)) at = at[key] as JsonObject;
  at[path.at(-1)!] = text;
}

/**
 * Hostile copies of a record: one for each of its texts with that text hostile, the values in turn;
 * and one for each value with all texts so but those named in `keep`, without which no row would
 * come of it; and one with a megabyte for each field named in `megabytes`, with `LONG_RUNS` for each
 * there is where some are named. `fresh` gives a copy an id of its own.
 */
export function hostileCopies(
  record: JsonObject,
  { keep, fresh, megabytes = [] }: {
    keep: readonly string[];
    fresh: (copy: JsonObject, i: number) => void;
    megabytes?: readonly string[];
  },
): JsonObject[] {
  const paths = [...textPaths(record)];
  const copies: JsonObject[] = [];
  const copy = (change: (copy: JsonObject) => void) => {
    const made = structuredClone(record);
    fresh(made, copies.length);
    change(made);
    copies.push(made);
  };
  paths.forEach((path, i) =>
    copy((made) => put(made, path, HOSTILE_VALUES[i % HOSTILE_VALUES.length]!))
  );
  const long = LONG && megabytes.length > 0 ? paths : megabytes.map((key) => key.split("."));
  for (const path of long) copy((made) => put(made, path, MEGABYTE));
  for (const value of HOSTILE_VALUES) {
    copy((made) => {
      for (const path of paths) if (!keep.includes(path.join("."))) put(made, path, value);
      Object.defineProperty(made, value, { value, enumerable: true });
    });
  }
  return copies;
}
