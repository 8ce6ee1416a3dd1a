/**
 * Text that is safe to show: control, bidi, zero-width, tag and other characters that a reader
 * can't see become visible escapes (`\u001b`, `\u{e0041}`). Everything else stays.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (char) => {
    const code = char.codePointAt(0)!.toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
  });
}
