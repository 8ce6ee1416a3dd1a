import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Documented {
  name: string;
  jsDoc?: { doc?: string };
}

/** A type as `deno doc --json` tells it: `value` is what its kind is made of. */
interface DocType {
  kind: string;
  repr?: string;
  value?: unknown;
}

interface Member extends Documented {
  tsType?: DocType;
  /** Of a class: methods have one, and are `override` where the class above tells what they are. */
  isOverride?: boolean;
  accessibility?: string;
}

/** A symbol as `deno doc --json` tells it. */
interface PublicSymbol {
  name: string;
  declarations: {
    location: { filename: string; line: number };
    kind: string;
    jsDoc?: { doc?: string };
    def?: {
      properties?: Member[];
      methods?: Member[];
      tsType?: DocType;
      params?: { tsType?: DocType }[];
      returnType?: DocType;
    };
  }[];
}

/** Symbols by file; one file alone tells of what it hands on as if it were its own. */
async function symbolsOf(...args: string[]): Promise<Record<string, { symbols: PublicSymbol[] }>> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...args],
    ...{ cwd: ROOT, env: { NO_COLOR: "1" } },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout)).nodes;
}

const symbols = Object.values(await symbolsOf("lib/mod.ts")).flatMap(({ symbols }) => symbols);

function placeOf({ name, declarations: [first] }: PublicSymbol): string {
  const { filename, line } = first!.location;
  return `${relative(ROOT, fileURLToPath(filename))}:${line} ${name}`;
}

function docOf({ jsDoc }: { jsDoc?: { doc?: string } }): string {
  return (jsDoc?.doc ?? "").trim();
}

function assertDocumented(symbols: readonly PublicSymbol[]): void {
  const bare = symbols.filter(({ declarations }) =>
    !declarations.some((declaration) => docOf(declaration).length > 10)
  );
  assert.deepEqual(bare.map(placeOf), []);
}

Deno.test("every symbol that a notebook can import is documented", () => {
  assert.ok(symbols.length > 200, `${symbols.length} symbols`);
  assertDocumented(symbols);
});

/** A member, and the docs of all that it stands in or beside. */
interface Found {
  path: string;
  member: Member;
  above: readonly string[];
}

type Within = Pick<Found, "path" | "above">;

/** The members that a type spells out, and those of the types inside it. */
function membersOf(type: DocType | undefined, within: Within): Found[] {
  const { value } = type ?? {};
  if (value === undefined) return [];
  switch (type!.kind) {
    case "typeLiteral": {
      const { properties = [], methods = [] } = value as {
        properties?: Member[];
        methods?: Member[];
      };
      return withAllMembers([...properties, ...methods], within);
    }
    case "union":
    case "intersection":
    case "tuple":
      return (value as DocType[]).flatMap((part) => membersOf(part, within));
    case "array":
    case "parenthesized":
      return membersOf(value as DocType, within);
    case "typeOperator":
      return membersOf((value as { tsType: DocType }).tsType, within);
    case "typeRef":
      return ((value as { typeParams?: DocType[] }).typeParams ?? [])
        .flatMap((part) => membersOf(part, within));
    default:
      return [];
  }
}

/** Members that stand together, and those inside them; each may be told of in another's line. */
function withAllMembers(members: readonly Member[], within: Within): Found[] {
  const above = [...members.map(docOf), ...within.above];
  return members.flatMap((member) => {
    const own = { path: `${within.path}.${member.name}`, member, above };
    return [own, ...membersOf(member.tsType, own)];
  });
}

function membersOfSymbol(symbol: PublicSymbol): Found[] {
  // tables of features are values that tell of themselves
  return symbol.declarations.filter(({ kind }) => kind !== "variable").flatMap((declaration) => {
    const within = { path: placeOf(symbol), above: [docOf(declaration)] };
    const { properties = [], methods = [], tsType, params = [], returnType } = declaration.def ??
      {};
    const own = [...properties, ...methods].filter(({ accessibility, isOverride }) =>
      accessibility !== "private" && !isOverride
    );
    const types = [tsType, ...params.map((param) => param.tsType), returnType];
    return [
      ...withAllMembers(own, within),
      ...types.flatMap((type) => membersOf(type, within)),
    ];
  });
}

/** A word of a closed list that the type itself spells out, such as what tells variants apart. */
function isSpeltOut({ kind, value }: DocType): boolean {
  return kind === "literal" ||
    kind === "union" && (value as DocType[]).every((part) => part.kind === "literal");
}

/** `outcome: RecordingOutcome`: the type's own line says the rest. */
function isNamedAfterType({ name, tsType }: Member): boolean {
  const own = name.replaceAll("_", "").toLowerCase();
  return tsType?.kind === "typeRef" && (tsType.repr ?? "").toLowerCase().endsWith(own);
}

function assertMembersDocumented(members: readonly Found[]): void {
  const bare = members.filter(({ member, above }) =>
    docOf(member).length < 5 &&
    !above.some((doc) => doc.includes(`\`${member.name}\``)) &&
    !(member.tsType !== undefined && isSpeltOut(member.tsType)) &&
    !isNamedAfterType(member)
  );
  assert.deepEqual([...new Set(bare.map(({ path }) => path))], []);
}

Deno.test("every member of what a notebook can import is told of, by its own line or by name beside it", () => {
  const all = symbols.flatMap(membersOfSymbol);
  assert.ok(all.length > 500, `${all.length} members`);
  assertMembersDocumented(all);
});

/** A type that another names, and where that is found. */
interface Reference {
  typeName: string;
  resolution?: { kind: string; specifier?: string; name?: string };
}

/** Types that a part of a symbol names, however deep inside it. */
function* referencesIn(part: unknown): Generator<Reference> {
  if (typeof part !== "object" || part === null) return;
  const { kind, value } = part as { kind?: string; value?: Reference };
  if (kind === "typeRef" && value) yield value;
  for (const inner of Object.values(part)) yield* referencesIn(inner);
}

function* filesBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(join(ROOT, folder))) {
    if (isDirectory) yield* filesBelow(join(folder, name));
    else if (name.endsWith(".ts")) yield join(folder, name);
  }
}

Deno.test("so are the types that signatures and members of these name, and what stands in them", async () => {
  const byFile = await symbolsOf("--private", ...filesBelow("lib"));
  const found = new Map<string, PublicSymbol>();
  for (const { declarations } of symbols) {
    for (const { location: { filename }, def } of declarations) {
      for (const { typeName, resolution } of referencesIn(def)) {
        const { kind, specifier = "", name = typeName } = resolution ?? {};
        const file = kind === "import" ? new URL(specifier, filename).href : filename;
        const named = byFile[file]?.symbols.find((symbol) => symbol.name === name);
        if (named !== undefined) found.set(`${file} ${name}`, named);
      }
    }
  }
  const types = [...found.values()].filter(({ declarations: [first] }) =>
    first!.kind !== "variable" && !isPublic(first!.location)
  );
  assert.ok(types.length > 50, `${types.length} types`);
  assertDocumented(types);
  assertMembersDocumented(types.flatMap(membersOfSymbol));
});

function isPublic({ filename, line }: { filename: string; line: number }): boolean {
  return symbols.some(({ declarations: [first] }) =>
    first!.location.filename === filename && first!.location.line === line
  );
}

Deno.test("the examples in what is documented run", async () => {
  const files = [...filesBelow("lib")].filter((file) =>
    /^ *\* ```ts$/m.test(Deno.readTextFileSync(join(ROOT, file)))
  );
  assert.ok(files.length >= 3);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--doc", "--allow-read", "--allow-ffi", "--allow-env", "--allow-sys", ...files],
    ...{ cwd: ROOT, env: { NO_COLOR: "1" } },
  }).output();
  const said = new TextDecoder().decode(stdout);
  assert.equal(code, 0, said + new TextDecoder().decode(stderr));
  assert.match(said, new RegExp(`${files.length} passed`));
});
