import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PLAIN_FILE } from "../../fixtures/generate/hostile_files.ts";
import { INJECTED_SESSIONS } from "../../fixtures/generate/hostile_sessions.ts";
import { readRecording } from "../../lib/recording/read.ts";
import { localFile } from "../../lib/sources/teleport/recording_place.ts";

const HOSTILE_FOLDER = fileURLToPath(new URL("../../fixtures/hostile", import.meta.url));

/** A file of the corpus of hostile sessions. */
interface HostileSession {
  file: string;
  note: string;
  /** Pieces of output that the plain session does not have. */
  pieces: string[];
  /** Parts of them of which a model that reads them would know what is wanted. */
  shown: readonly string[];
}

/** The corpus as it lies on disk, without the plain session. */
export async function hostileSessions(): Promise<HostileSession[]> {
  const [, ...rows] = (await Deno.readTextFile(join(HOSTILE_FOLDER, "labels.tsv"))).trim()
    .split("\n").map((line) => line.split("\t"));
  const plain = await printsOf(PLAIN_FILE);
  return await Promise.all(
    rows.filter(([file]) => file !== PLAIN_FILE).map(async ([file, , , note]) => {
      const prints = await printsOf(file!);
      let at = 0;
      while (prints[at] === plain[at]) at++;
      const name = file!.replace(/\.cast(\.gz)?$/, "");
      return {
        ...{ file: file!, note: note! },
        pieces: prints.slice(at, at + prints.length - plain.length),
        shown: INJECTED_SESSIONS.find((session) => session.name === name)?.shown ?? [],
      };
    }),
  );
}

/** The output of a file of the corpus, an event each. */
export async function printsOf(file: string): Promise<string[]> {
  const prints: string[] = [];
  const { uri, open } = await localFile(join(HOSTILE_FOLDER, file));
  for await (const batch of readRecording({ uri, bytes: open() })) {
    for (const event of batch) {
      if (event.type === "print") prints.push(new TextDecoder().decode(event.data));
    }
  }
  return prints;
}
