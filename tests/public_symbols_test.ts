import assert from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A symbol as `deno doc --json` tells it. */
interface PublicSymbol {
  name: string;
  declarations: {
    location: { filename: string; line: number };
    kind: string;
    jsDoc?: { doc?: string };
  }[];
}

Deno.test("every symbol that a notebook can import is documented", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "lib/mod.ts"],
    ...{ cwd: ROOT, env: { NO_COLOR: "1" } },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
    nodes: Record<string, { symbols: PublicSymbol[] }>;
  };
  const symbols = Object.values(nodes).flatMap(({ symbols }) => symbols);
  assert.ok(symbols.length > 200, `${symbols.length} symbols`);
  const bare = symbols.filter(({ declarations }) =>
    !declarations.some(({ jsDoc }) => (jsDoc?.doc ?? "").trim().length > 10)
  );
  assert.deepEqual(
    bare.map(({ name, declarations: [first] }) =>
      `${relative(ROOT, fileURLToPath(first!.location.filename))}:${first!.location.line} ${name}`
    ),
    [],
  );
});
