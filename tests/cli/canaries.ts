import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { MARKER } from "../../fixtures/generate/marker.ts";
import { drawer, IN_CONTEXT, NAMED_FORMATS } from "../redact/generated_secrets.ts";
import { seeded } from "../seeded.ts";

const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));

/** A text that is looked for everywhere, and what it is. */
export interface Canary {
  kind: string;
  text: string;
}

/** What was planted where. */
interface Planted {
  /** Secrets: they may be nowhere but in the input. */
  secrets: Canary[];
  /** Ordinary words of recordings: a model may read them, and they may be nowhere else. */
  words: Canary[];
  /** Ordinary words of API logs and around output: a model has no business with them either. */
  names: Canary[];
}

/** A word of the configuration's `share.words`. */
export const CONFIGURED_WORD = "quagmire-canary";

/** Copies recordings and API logs below a folder, with canaries wherever they hold content. */
export async function plant(folder: string): Promise<Planted> {
  const planted: Planted = { secrets: [], words: [], names: [] };
  const draw = drawer(seeded(77));
  const secret = (kind: string, before: string, text: string, after: string) => {
    planted.secrets.push({ kind, text });
    return before + text + after;
  };
  const makers = [
    ...NAMED_FORMATS.map(([kind, make]) => () => secret(kind, "", make(draw), "")),
    ...IN_CONTEXT.map(([kind, make]) => () => {
      const [before, text] = make(draw);
      return secret(kind, before, text, before.includes("://app:") ? "@db/x" : quoteEnd(before));
    }),
    () => secret("email", "", `c${draw("base36", 10)}@canary.example`, ""),
    () => secret("word", "", CONFIGURED_WORD, ""),
  ];
  const word = (list: Canary[], kind: string) => {
    const text = `zq${
      [...draw("hex", 12)].map((c) => "bcdfghjklmnpqrst"[parseInt(c, 16)]).join("")
    }`;
    list.push({ kind, text });
    return text;
  };
  await plantCasts(join(folder, "casts"), {
    makers,
    word: () => word(planted.words, "output"),
    aside: () => word(planted.names, "title, command, environment or input"),
  });
  let turn = 0;
  const content = () =>
    turn++ % 3 === 0 ? word(planted.names, "name or payload") : makers[turn % makers.length]!();
  for (const cloud of ["aws", "gcp"]) await plantLogs(cloud, join(folder, cloud), content);
  return planted;
}

function quoteEnd(before: string): string {
  return before.endsWith('"') ? '"}' : "";
}

interface Makers {
  makers: readonly (() => string)[];
  word: () => string;
  /** What a recording holds beside its output. */
  aside: () => string;
}

/** Recordings whose output has every kind of secret and a word, in pieces, in colour, wrapped. */
async function plantCasts(folder: string, { makers, word, aside }: Makers): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const [round, name] of ["person.cast", "agent-v3.cast", "simulated.cast.gz"].entries()) {
    const bytes = await Deno.readFile(join(FIXTURES, "casts", name));
    const plain = name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
    const [head, ...events] = new TextDecoder().decode(plain).trimEnd().split("\n");
    const isRelative = JSON.parse(head!).version === 3;
    const middle = Math.floor(events.length / 2);
    const at = isRelative ? 0.02 : JSON.parse(events[middle - 1]!)[0];
    const planted = makers.flatMap((make, i) => {
      const line = `${" ".repeat((i * 17) % 90)}${word()} ${make()} end\n`.replaceAll("\n", "\r\n");
      return piecesOf(line, (round + i) % 3).map((data) => JSON.stringify([at, "o", data]));
    });
    const marked = [head!, ...events.slice(0, middle), ...planted, ...events.slice(middle)]
      .map((line) => line.replaceAll(MARKER, () => aside()));
    await Deno.writeTextFile(join(folder, name.replace(".gz", "")), `${marked.join("\n")}\n`);
  }
}

function piecesOf(line: string, how: number): string[] {
  const at = line.length - 12;
  if (how === 0) return [line];
  if (how === 1) return line.match(/[^]{1,7}/g) ?? [];
  return [`${line.slice(0, at)}\u001b[1;31m${line.slice(at)}\u001b[0m`];
}

/** Logs with a canary in each place where the fixtures have their marker. */
async function plantLogs(cloud: string, folder: string, content: () => string): Promise<void> {
  for await (const path of filesBelow(join(FIXTURES, cloud))) {
    const bytes = await Deno.readFile(path);
    const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    let text: string;
    try {
      text = new TextDecoder().decode(isZipped ? gunzipSync(bytes) : bytes);
    } catch {
      // a file that was cut, as the fixtures have one
      continue;
    }
    const marked = text.replaceAll(MARKER, () => JSON.stringify(content()).slice(1, -1));
    const target = join(folder, path.slice(join(FIXTURES, cloud).length));
    await Deno.mkdir(dirname(target), { recursive: true });
    const out = new TextEncoder().encode(marked);
    await Deno.writeFile(target, isZipped ? gzipSync(out) : out);
  }
}

/** Every file below a folder; none for a folder that is not there. */
export async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

/** Every form is as long as this, or longer. */
const SHORTEST = 10;

/** Looks for canaries in texts: as they are, in two bytes a letter, in base64, and parts of long ones. */
export class CanarySearch {
  readonly #forms = new Map<string, { form: string; canary: Canary }[]>();

  constructor(canaries: readonly Canary[]) {
    for (const canary of canaries) {
      const closed = canary.text.replace(/\s+/g, "").toLowerCase();
      const encoded = btoa(canary.text.replace(/\s+/g, "")).slice(0, -4).toLowerCase();
      for (const form of [...partsOf(closed), ...partsOf(encoded)]) {
        const key = form.slice(0, SHORTEST);
        const others = this.#forms.get(key) ?? [];
        this.#forms.set(key, [...others, { form, canary }]);
      }
    }
  }

  /** The canaries that are in a text, in time in proportion to it. */
  in(text: string): Set<Canary> {
    const plain = text.replace(/\0|\\r|\\n|\s+/g, "").toLowerCase();
    const found = new Set<Canary>();
    for (let at = 0; at + SHORTEST <= plain.length; at++) {
      for (const { form, canary } of this.#forms.get(plain.slice(at, at + SHORTEST)) ?? []) {
        if (plain.startsWith(form, at)) found.add(canary);
      }
    }
    return found;
  }
}

function partsOf(form: string): string[] {
  if (form.length < 60) return [form];
  const parts: string[] = [];
  for (let at = 0; at + 24 <= form.length; at += 8) parts.push(form.slice(at, at + 24));
  return parts.filter((part) => !part.includes("---"));
}
