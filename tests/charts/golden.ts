import assert from "node:assert/strict";

/**
 * Compares text with a golden file beside the tests, to the byte. Run
 * `deno test -A tests/charts -- --update` to write the files anew; review them as a diff.
 */
export function assertGolden(name: string, actual: string): void {
  const file = new URL(`./golden/${name}`, import.meta.url);
  if (Deno.args.includes("--update")) {
    Deno.mkdirSync(new URL("./golden/", import.meta.url), { recursive: true });
    Deno.writeTextFileSync(file, actual);
    return;
  }
  let expected: string;
  try {
    expected = Deno.readTextFileSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    assert.fail(`There is no golden file "${name}" yet: write it with -- --update`);
  }
  // Not assert.equal: a diff of two pictures in one line helps nobody.
  assert.ok(
    actual === expected,
    `"${name}" changed: write it anew with -- --update and look at it`,
  );
}
