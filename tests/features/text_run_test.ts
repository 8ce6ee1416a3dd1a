import assert from "node:assert/strict";
import { TextRun } from "../../lib/features/text_run.ts";
import { Random } from "../../fixtures/generate/random.ts";

/** The first byte of `data` that is no plain text, byte by byte. */
function plainEnd(data: Uint8Array, from: number, until: number): number {
  let at = from;
  while (at < until && data[at]! >= 0x20 && data[at]! <= 0x7e) at += 1;
  return at;
}

Deno.test("TextRun.end() finds by words what one finds byte by byte, wherever the bytes lie", () => {
  const random = new Random("text run");
  const whole = new Uint8Array(8192);
  const odd = [0, 0x0a, 0x1f, 0x7f, 0x80, 0xc3, 0xff];
  for (let i = 0; i < whole.length; i++) {
    whole[i] = random.chance(0.03) ? odd[random.int(0, odd.length - 1)]! : random.int(0x20, 0x7e);
  }
  const run = new TextRun();
  for (const [offset, length] of [[0, 8192], [1, 8191], [2, 4099], [3, 4097], [5, 2049]] as const) {
    const data = whole.subarray(offset, offset + length);
    for (let i = 0; i < 4000; i++) {
      const from = random.int(0, length);
      const until = Math.min(length, from + random.int(0, 90));
      assert.equal(run.end(data, from, until), plainEnd(data, from, until), `${offset} ${from}`);
    }
    for (let back = 0; back < 24; back++) {
      const from = length - back;
      assert.equal(run.end(data, from, length), plainEnd(data, from, length), `${offset} ${from}`);
    }
  }
});
