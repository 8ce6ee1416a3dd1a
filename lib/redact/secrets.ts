import { emailSpans } from "./addresses.ts";
import { encodedTexts } from "./encoded_text.ts";
import { type EntropyOptions, entropySpans } from "./entropy.ts";
import { namedSecretSpans } from "./named_secrets.ts";
import { spansInAnyView } from "./plain_view.ts";
import { privateKeySpans } from "./private_keys.ts";
import { secretArgumentSpans } from "./secret_arguments.ts";
import { secretFormatSpans } from "./secret_formats.ts";
import { mergeSpans, type Span } from "./span.ts";
import type { WordList } from "./word_list.ts";

interface SecretOptions extends EntropyOptions {
  /** Words that must not leave this machine. */
  words?: WordList<unknown>;
}

/**
 * Everything in a text that must not leave this machine whatever it is about: secrets by format, by
 * the name or argument before them and by entropy, also encoded or in disguised letters, private
 * keys, e-mail addresses, the words given. In order, none over another; time is in proportion to the
 * length.
 */
export function secretSpans(text: string, options: SecretOptions = {}): Span[] {
  return mergeSpans([
    ...privateKeySpans(text),
    ...spansInAnyView(text, (view) => [
      ...plainSpans(view),
      ...emailSpans(view),
      ...(options.words?.find(view) ?? []).map(({ start, end }): Span => ({
        ...{ start, end, kind: "word" },
      })),
      ...entropySpans(view, options),
    ]),
    ...encodedSpans(text, options),
  ]);
}

function plainSpans(text: string): Span[] {
  return [...secretFormatSpans(text), ...namedSecretSpans(text), ...secretArgumentSpans(text)];
}

/** Base64 and hex of a text that has secrets or words of the list in it. */
function encodedSpans(text: string, { words }: SecretOptions): Span[] {
  const spans: Span[] = [];
  for (const { start, end, decoded } of encodedTexts(text)) {
    const [first] = [...plainSpans(decoded), ...privateKeySpans(decoded)];
    const kind = first?.kind ?? (words?.find(decoded).length ? "word" : null);
    if (kind !== null) spans.push({ start, end, kind });
  }
  return spans;
}
