import { createHash } from "node:crypto";
import script from "asciinema-player/dist/bundle/asciinema-player.min.js" with { type: "text" };
import style from "asciinema-player/dist/bundle/asciinema-player.css" with { type: "text" };
import { z } from "zod";
import { escapeHtml, visibleText } from "./visible_text.ts";

/** The media type of a recording to replay, as a cell puts it out. */
export const REPLAY_TYPE = "application/vnd.shellscope.replay+json";

/** More is not replayed in a page. */
export const MOST_PRINTS = 20_000;
export const MOST_CHARACTERS = 2_000_000;

const replay = z.strictObject({
  title: z.string().max(200),
  note: z.string().max(400),
  columns: z.number().int().min(1).max(500),
  rows: z.number().int().min(1).max(200),
  /** Seconds since the first event, and what was printed. */
  prints: z.array(z.tuple([z.number().nonnegative(), z.string()])).max(MOST_PRINTS),
}).refine(({ prints }) =>
  prints.reduce((sum, [, text]) => sum + text.length, 0) <= MOST_CHARACTERS
);

/** A recording to replay. */
export type ReplayData = z.infer<typeof replay>;

/** Reads what a cell put out under {@link REPLAY_TYPE}; null where it is none, or too large. */
export function parseReplay(value: unknown): ReplayData | null {
  const result = replay.safeParse(value);
  return result.success ? result.data : null;
}

// Reads the cast from the data block beside it: the script is the same in every frame.
const BOOT =
  `const o=JSON.parse(document.getElementById("cast").textContent);AsciinemaPlayer.create({data:o.cast},` +
  `document.getElementById("player"),{fit:"width",idleTimeLimit:2,preload:true,poster:"npt:"+o.at});`;

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** What the policy of a page must allow for its replays to run: these two scripts and no other. */
export const PLAYER_SOURCES: string = `${hashOf(script)} ${hashOf(BOOT)} 'wasm-unsafe-eval'`;

/**
 * A frame that replays a recording with asciinema's player, everything inside it. The frame may run
 * scripts and nothing else: it has no address, no storage, and can't reach the page around it.
 */
export function playerFrame(data: ReplayData): string {
  const { columns, rows, prints } = data;
  const header = { version: 2, width: columns, height: rows };
  const cast = [header, ...prints.map(([at, text]) => [at, "o", text])]
    .map((line) => JSON.stringify(line)).join("\n");
  const at = Math.min(prints.at(-1)?.[0] ?? 0, 5);
  // "<" could end the data block
  const block = JSON.stringify({ cast, at }).replaceAll("<", "\\u003c");
  const page = `<!doctype html><html><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="${policy()}">` +
    `<style>${style}\nbody{margin:0}</style></head><body><div id="player"></div>` +
    `<script type="application/json" id="cast">${block}</script>` +
    `<script>${script}</script><script>${BOOT}</script></body></html>`;
  const title = escapeHtml(visibleText(data.title, { maxLength: 200 }));
  const note = escapeHtml(visibleText(data.note, { maxLength: 400 }));
  return `<figure class="shellscope-replay"><iframe sandbox="allow-scripts" title="${title}"` +
    ` height="${Math.min(700, 60 + rows * 19)}" srcdoc="${escapeHtml(page)}"></iframe>` +
    `<figcaption>${title}. ${note}</figcaption></figure>`;
}

function policy(): string {
  return `default-src 'none'; style-src 'unsafe-inline'; font-src data:; script-src ${PLAYER_SOURCES}`;
}
