import { emailSpans } from "./addresses.ts";
import { type EntropyOptions, entropySpans } from "./entropy.ts";
import { privateKeySpans } from "./private_keys.ts";
import { secretFormatSpans } from "./secret_formats.ts";
import { mergeSpans, type Span } from "./span.ts";
import type { WordList } from "./word_list.ts";

export interface SecretOptions extends EntropyOptions {
  /** Words that must not leave this machine. */
  words?: WordList<unknown>;
}

/**
 * Everything in a text that must not leave this machine whatever it is about: secrets by format and
 * by entropy, private keys, e-mail addresses, the words given. In order, none over another; time
 * is in proportion to the length.
 */
export function secretSpans(text: string, options: SecretOptions = {}): Span[] {
  const words = options.words?.find(text) ?? [];
  return mergeSpans([
    ...privateKeySpans(text),
    ...secretFormatSpans(text),
    ...emailSpans(text),
    ...words.map(({ start, end }): Span => ({ start, end, kind: "word" })),
    ...entropySpans(text, options),
  ]);
}
