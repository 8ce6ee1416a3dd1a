import { RecordingError, UsageError } from "../model/errors.ts";
import { exportCast } from "../recording/export_cast.ts";
import { TerminalMask } from "../redact/mask_terminal.ts";
import { localRecordingPath } from "../store/recording_path.ts";
import { recordingsOf, resolveSessionId } from "../store/sessions.ts";
import type { Store } from "../store/store.ts";
import { styled } from "./output_style.ts";
import {
  MOST_CHARACTERS,
  MOST_PRINTS,
  playerFrame,
  REPLAY_TYPE,
  type ReplayData,
} from "./player.ts";

/** A recording to look at, as the last value of a cell. */
export class Replay {
  constructor(readonly data: ReplayData) {}

  /** What Deno's kernel asks of the last value of a cell. */
  [Symbol.for("Jupyter.display")](): Record<string, unknown> {
    return this.bundle();
  }

  /** What a front end gets, by media type. */
  bundle(): Record<string, unknown> {
    return {
      [REPLAY_TYPE]: this.data,
      "text/html": styled(playerFrame(this.data)),
      "text/plain": `[replay: ${this.data.title}]`,
    };
  }
}

/** Whether a replay shows what the session held. */
export interface ReplayOptions {
  /** False shows what the session held, as it was: never in a page for others. */
  masked?: boolean;
}

/**
 * Replays the recording of a session: masked (`x` for letters, `0` for digits) unless told, silences
 * cut to 2 s, and no more than 20,000 prints or 2,000,000 characters of it. `id` may be the begin of
 * one. Recordings in the cloud are not fetched. Throws where there is nothing to replay.
 */
export async function replay(
  store: Store,
  id: string,
  { masked = true }: ReplayOptions = {},
): Promise<Replay> {
  const session = resolveSessionId(store, id);
  if (session === null) {
    throw new UsageError(`There is no session ${JSON.stringify(id.slice(0, 80))} in this store`);
  }
  const [first] = recordingsOf(store, session);
  if (first === undefined) throw new UsageError(`The session ${session} has no recording`);
  const path = localRecordingPath(store, first.uri);
  if (path === null) {
    throw new RecordingError(
      `The recording of ${session} is not on this machine; fetch it, or look where it lies`,
      first.uri,
    );
  }
  const { header, prints, cut } = await readPrints(path, masked);
  return new Replay({
    title: `Session ${session}`,
    note:
      (masked ? "Masked: x for letters, 0 for digits. " : "Not masked: content of the session. ") +
      (cut ? "Only its beginning. " : "") + "Silences are cut to 2 s.",
    columns: clamp(header.width, { least: 1, most: 500, otherwise: 80 }),
    rows: clamp(header.height, { least: 1, most: 200, otherwise: 24 }),
    prints,
  });
}

interface CastHeader {
  width?: unknown;
  height?: unknown;
}

async function readPrints(path: string, masked: boolean) {
  const source = { uri: path, bytes: (await Deno.open(path)).readable };
  const mask = new TerminalMask();
  const prints: ReplayData["prints"] = [];
  let header: CastHeader | null = null;
  let characters = 0;
  let cut = false;
  // a piece holds whole lines
  for await (const piece of exportCast(source, { version: 2 })) {
    for (const line of piece.split("\n")) {
      if (line === "") continue;
      const value = JSON.parse(line);
      if (header === null) {
        header = value as CastHeader;
        continue;
      }
      const [at, code, data] = value as [number, string, string];
      if (code !== "o") continue; // keys that were typed are never shown
      const text = masked ? mask.mask(data) : data;
      cut ||= prints.length === MOST_PRINTS || characters + text.length > MOST_CHARACTERS;
      if (cut) break;
      characters += text.length;
      prints.push([at, text]);
    }
    if (cut) break;
  }
  return { header: header ?? {}, prints, cut };
}

function clamp(
  value: unknown,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number {
  const number = typeof value === "number" && Number.isFinite(value) ? value : otherwise;
  return Math.min(most, Math.max(least, Math.round(number)));
}
