/** A JSON object read from outside: what it holds, or why it was not taken; absent where it is not. */
export type JsonObject =
  | { state: "read"; value: Readonly<Record<string, unknown>> }
  | { state: "absent" }
  | { state: "refused"; reason: string };

/**
 * Reads a file that should hold one JSON object. Never throws for what it holds. What is no plain
 * file (a link, a pipe that nobody fills) is not opened, and no file longer than `maxBytes`.
 */
export async function readJsonObject(
  path: string,
  { maxBytes }: { maxBytes: number },
): Promise<JsonObject> {
  try {
    // most often it is not there, and handing that question to a thread would take ten times as long
    const info = Deno.lstatSync(path);
    if (!info.isFile) return { state: "refused", reason: "file is no plain file" };
    if (info.size > maxBytes) return { state: "refused", reason: "file is too long" };
    return parseJsonObject(await Deno.readTextFile(path), { maxBytes });
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return { state: "absent" };
    return { state: "refused", reason: "file is not readable" };
  }
}

/** The same from a text. */
export function parseJsonObject(
  text: string,
  { maxBytes }: { maxBytes: number },
): Exclude<JsonObject, { state: "absent" }> {
  if (text.length > maxBytes) return { state: "refused", reason: "file is too long" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { state: "refused", reason: "file is no JSON" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { state: "refused", reason: "file is no JSON object" };
  }
  return { state: "read", value: value as Record<string, unknown> };
}
