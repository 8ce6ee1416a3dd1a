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

/**
 * JSON text without characters that a terminal would act on or a reader can't see: JSON escapes
 * only some of them. Says the same to a parser.
 */
export function inertJson(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => {
    let escaped = "";
    for (let i = 0; i < char.length; i++) {
      escaped += `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`;
    }
    return escaped;
  });
}

/** A string as inert JSON. */
export function jsonText(text: string): string {
  return inertJson(JSON.stringify(text));
}
