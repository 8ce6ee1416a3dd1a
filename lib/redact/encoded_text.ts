/** Runs that may be base64 or hex of a sentence; a sentence needs some length. */
const ENCODED = /[A-Za-z0-9+/_-]{24,}={0,2}/g;
const MOST_DECODED = 16_384;

/** Text that stands in another one in base64 or hex. */
interface EncodedText {
  start: number;
  end: number;
  decoded: string;
}

/** What base64 and hex in a text say, where it is readable. */
export function* encodedTexts(text: string): Generator<EncodedText> {
  for (const { 0: run, index: start } of text.matchAll(ENCODED)) {
    const head = run.slice(0, MOST_DECODED);
    const end = start + run.length;
    // whoever puts letters before it shifts all that follows
    const readings = [0, 1, 2, 3].map((at) => base64Bytes(head.slice(at)));
    if (/^(?:[0-9a-f]{2})+$/i.test(head)) readings.unshift(hexBytes(head));
    for (const bytes of readings) {
      const decoded = new TextDecoder().decode(bytes);
      if (isReadable(decoded)) yield { start, end, decoded };
    }
  }
}

function hexBytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function base64Bytes(text: string): Uint8Array {
  const plain = text.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  const whole = plain.slice(0, plain.length - (plain.length % 4 === 1 ? 1 : 0));
  return Uint8Array.from(atob(whole), (char) => char.charCodeAt(0));
}

function isReadable(text: string): boolean {
  if (text.length < 12) return false;
  const shown = text.match(/[\x20-\x7e\s\p{L}]/gu)?.length ?? 0;
  return shown >= 0.95 * text.length;
}
