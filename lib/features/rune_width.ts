/** Ranges of characters that combine with the one before, and take no cell. */
const COMBINING = ranges(
  "300-36f 483-489 591-5bd 5bf 5c1-5c2 5c4-5c5 5c7 610-61a 64b-65f 670 6d6-6dc 6df-6e4 6e7-6e8",
  "6ea-6ed 711 730-74a 7a6-7b0 816-819 81b-823 8d3-902 93a 93c 941-948 94d 951-957 962-963 981",
  "9bc 9c1-9c4 9cd a01-a02 a3c a41-a51 a70-a71 b3c b3f b41-b44 b4d b82 bc0 bcd c3e-c40 c46-c56",
  "cbc cc6 ccc-ccd d41-d44 d4d dca dd2-dd6 e31 e34-e3a e47-e4e eb1 eb4-ebc ec8-ece f18-f19 f35",
  "f37 f39 f71-f7e f80-f84 f86-f87 1037 1039-103a 1160-11ff 135d-135f 1712-1714 17b4-17b5",
  "17b7-17bd 17c6 17c9-17d3 180b-180f 1ab0-1aff 1b34 1b6b-1b73 1dc0-1dff 200b-200f 202a-202e",
  "2060-2064 20d0-20f0 302a-302d 3099-309a a66f-a672 a674-a67d a69e-a69f a8e0-a8f1 fe00-fe0f",
  "fe20-fe2f feff 1d167-1d169 e0001 e0020-e007f e0100-e01ef",
);
/** Ranges of East Asian wide characters and of emoji, which take two. */
const WIDE = ranges(
  "1100-115f 231a-231b 2329-232a 23e9-23ec 23f0 23f3 25fd-25fe 2614-2615 2648-2653 267f 2693",
  "26a1 26aa-26ab 26bd-26be 26c4-26c5 26ce 26d4 26ea 26f2-26f3 26f5 26fa 26fd 2705 270a-270b",
  "2728 274c 274e 2753-2755 2757 2795-2797 27b0 27bf 2b1b-2b1c 2b50 2b55 2e80-303e 3041-4dbf",
  "4e00-a4cf a960-a97c ac00-d7a3 f900-faff fe10-fe19 fe30-fe6b ff01-ff60 ffe0-ffe6 16fe0-18aff",
  "1b000-1b2ff 1f004 1f0cf 1f18e 1f191-1f19a 1f200-1f265 1f300-1f320 1f32d-1f335 1f337-1f37c",
  "1f37e-1f393 1f3a0-1f3ca 1f3cf-1f3d3 1f3e0-1f3f0 1f3f4 1f3f8-1f43e 1f440 1f442-1f4fc",
  "1f4ff-1f53d 1f54b-1f54e 1f550-1f567 1f57a 1f595-1f596 1f5a4 1f5fb-1f64f 1f680-1f6c5 1f6cc",
  "1f6d0-1f6d2 1f6d5-1f6df 1f6eb-1f6ec 1f6f4-1f6fc 1f7e0-1f7eb 1f90c-1f93a 1f93c-1f945",
  "1f947-1f9ff 1fa70-1faff 20000-2fffd 30000-3fffd",
);

/** Widths of the characters below U+10000. */
const BASIC = new Uint8Array(0x10000).fill(1);
for (const [table, width] of [[COMBINING, 0], [WIDE, 2]] as const) {
  for (let i = 0; i < table.length; i += 2) BASIC.fill(width, table[i], table[i + 1]! + 1);
}

/** Cells a character takes: 0 for what combines, 2 for East Asian wide ones and most emoji. */
export function runeWidth(rune: number): number {
  if (rune < 0x10000) return BASIC[rune]!;
  return within(COMBINING, rune) ? 0 : within(WIDE, rune) ? 2 : 1;
}

// First and last of each range, in order.
function ranges(...lines: readonly string[]): Uint32Array {
  return Uint32Array.from(
    lines.join(" ").split(" ").flatMap((range) => {
      const [first = "", last = first] = range.split("-");
      return [parseInt(first, 16), parseInt(last, 16)];
    }),
  );
}

function within(table: Uint32Array, rune: number): boolean {
  let low = 0;
  let high = table.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (table[2 * middle + 1]! < rune) low = middle + 1;
    else high = middle;
  }
  return 2 * low < table.length && table[2 * low]! <= rune;
}

/** How many bytes follow the first one of a character in UTF-8; 0 for a byte that begins none. */
export function runeTail(byte: number): number {
  return byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
}
