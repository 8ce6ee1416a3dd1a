import { gunzipSync, gzipSync } from "node:zlib";

const FIXTURES = new URL("../../fixtures/", import.meta.url).pathname;

/** A log that was written, and how much there is of it. */
export interface WrittenLog {
  folder: string;
  files: number;
  /** Of the files as they lie there, and of the JSON in them. */
  bytes: number;
  inflatedBytes: number;
}

/** Copies of an hour's or a delivery's log that make one file, about as large as real ones. */
const COPIES = { gcp: 32, aws: 4 };

/** Around the records of a delivery. */
const [HEAD, TAIL] = ['{"Records":[', "]}"];

/**
 * The fixtures' log of a cloud, its sound files, in so many copies, or so often that it has
 * `inflatedBytes` of JSON: each copy with ids and principals of its own, several in one file.
 */
export async function writeLog(
  folder: string,
  { cloud, gzip, inflatedBytes = Infinity, copies = Infinity }:
    & { cloud: "gcp" | "aws"; gzip: boolean }
    & ({ inflatedBytes: number; copies?: never } | { inflatedBytes?: never; copies: number }),
): Promise<WrittenLog> {
  const root = `${FIXTURES}${cloud}/${cloud === "gcp" ? "cloudaudit.googleapis.com" : "AWSLogs"}`;
  const originals = (await soundFiles(root))
    .filter(({ text }) => cloud === "gcp" || text.startsWith(HEAD));
  const written: WrittenLog = { folder, files: 0, bytes: 0, inflatedBytes: 0 };
  const made = new Set<string>();
  for (let copy = 0; copy < copies; copy += COPIES[cloud]) {
    const length = Math.min(COPIES[cloud], copies - copy);
    for (const { path, text } of originals) {
      const to = `${folder}${path.slice(root.length)}`.replace(/\.json(\.gz)?$/, `c${copy}.json`);
      const parent = to.slice(0, to.lastIndexOf("/"));
      if (!made.has(parent)) await Deno.mkdir(parent, { recursive: true });
      made.add(parent);
      const texts = Array.from({ length }, (_, i) => owned(text, `c${copy + i}`));
      const plain = new TextEncoder().encode(together(texts));
      const bytes = gzip ? gzipSync(plain, { level: 1 }) : plain;
      await Deno.writeFile(gzip ? `${to}.gz` : to, bytes);
      written.files++;
      written.bytes += bytes.length;
      written.inflatedBytes += plain.length;
      if (written.inflatedBytes >= inflatedBytes) return written;
    }
  }
  return written;
}

/** Lines one after the other; the records of several files in one. */
function together(texts: readonly string[]): string {
  if (!texts[0]!.startsWith(HEAD)) return texts.join("");
  return HEAD + texts.map((text) => text.trim().slice(HEAD.length, -TAIL.length)).join(",") + TAIL;
}

/** Ids and principals of a copy's own. */
function owned(text: string, mark: string): string {
  return text
    .replace(/("insertId":"|"eventID":")/g, `$1${mark}`)
    .replace(/@(example\.com|[a-z-]+\.iam\.gserviceaccount)/g, `@${mark}.$1`)
    .replace(/(:user\/|:assumed-role\/)/g, `$1${mark}`);
}

async function soundFiles(folder: string): Promise<{ path: string; text: string }[]> {
  const files: { path: string; text: string }[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) {
      if (name !== "CloudTrail-Digest") files.push(...await soundFiles(path));
      continue;
    }
    const text = textOf(await Deno.readFile(path));
    if (text !== null) files.push({ path, text });
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** A file's JSON; null where it is cut or is none, which the fixtures have on purpose. */
function textOf(bytes: Uint8Array): string | null {
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = new TextDecoder().decode(isGzip ? gunzipSync(bytes) : bytes);
    const lines = text.trimEnd().split("\n").filter((line) => isJson(line));
    return lines.length === 0 ? null : `${lines.join("\n")}\n`;
  } catch {
    return null;
  }
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
