/** The text of a file that somebody named, or why it was not read. */
type PlainText =
  | { state: "read"; text: string }
  /** A folder, a pipe that nobody may ever fill, a device that may never end. */
  | { state: "no-file" }
  | { state: "too-long" };

/** Reads a file of at most so many bytes. Throws the system's error where it can't be read. */
export async function readPlainText(path: string, maxBytes: number): Promise<PlainText> {
  const { isFile, size } = await Deno.stat(path);
  if (!isFile) return { state: "no-file" };
  if (size > maxBytes) return { state: "too-long" };
  return { state: "read", text: await Deno.readTextFile(path) };
}
