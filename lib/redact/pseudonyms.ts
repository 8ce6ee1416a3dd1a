import { createHmac } from "node:crypto";
import { printable } from "../model/printable.ts";
import * as vocabulary from "../model/vocabulary.ts";
import { addressSpans, emailSpans } from "./addresses.ts";
import { mergeSpans, replaceSpans, type Span } from "./span.ts";
import { WordList } from "./word_list.ts";

/** What a name is of; it begins the pseudonym: `person-3f9a`. */
const NAME_KINDS = ["person", "login", "target", "scope", "address"] as const;
type NameKind = (typeof NAME_KINDS)[number];

/** A name as the store has it. */
export interface KnownName {
  kind: NameKind;
  name: string;
}

/** Words of this kit: a login that is called like one of them names nobody. */
const OWN_WORDS: ReadonlySet<string> = new Set(Object.values(vocabulary).flat());

/** Longer names are hostile; their head is looked for. */
const LONGEST_NAME = 400;
/** Pseudonyms have so many hex digits, more where two would be the same. */
const DIGITS = 4;
const ADDRESS_DIGITS = 6;

/**
 * Puts pseudonyms in place of names: the same name is always the same pseudonym, an HMAC of it
 * under a key, so that who has the key and the names can tell which is whose, and nobody else.
 */
export class Pseudonyms {
  readonly #key: Uint8Array;
  readonly #words = new WordList<string>();
  /** Names too short to be told from words of a text: replaced only where they are all of it. */
  readonly #whole = new Map<string, string>();

  /** Of a name that comes twice the first kind counts. Names differ by more than their case. */
  constructor(key: Uint8Array, names: Iterable<KnownName>) {
    this.#key = key;
    const kinds = new Map<string, KnownName>();
    for (const known of names) {
      const folded = known.name.trim().toLowerCase();
      if (folded === "" || OWN_WORDS.has(folded) || kinds.has(folded)) continue;
      kinds.set(folded, known);
    }
    const digests = new Map([...kinds.keys()].map((folded) => [folded, this.#digest(folded)]));
    const digits = distinctPrefixes([...digests.values()]);
    const pseudonymOf = (folded: string, { kind }: KnownName) => {
      const digest = digests.get(folded)!;
      return `${kind}-${digest.slice(0, digits.get(digest))}`;
    };
    const byName = new Map([...kinds].map(([folded, known]) => [
      folded,
      pseudonymOf(folded, known),
    ]));
    for (const [folded, { name }] of kinds) this.#add(name, byName.get(folded)!);
    for (const [part, pseudonym] of partsOf(kinds, byName)) this.#add(part, pseudonym);
  }

  /** A text without the names of the dictionary, addresses of machines and e-mail addresses. */
  rewrite(text: string): string {
    const whole = this.#whole.get(text.trim().toLowerCase());
    if (whole !== undefined) return text.replace(text.trim(), () => whole);
    const named = replaceSpans(
      text,
      this.#words.find(text),
      ({ value, whole }) => whole ? value : `${value}…`,
    );
    const others = mergeSpans([...emailSpans(named), ...addressSpans(named)]);
    return replaceSpans(named, others, ({ kind }, found) => {
      const digest = this.#digest(found.toLowerCase());
      return kind === "email"
        ? `person-${digest.slice(0, ADDRESS_DIGITS)}`
        : `address-${digest.slice(0, ADDRESS_DIGITS)}`;
    });
  }

  /**
   * Where a text still holds a name of the dictionary, an address or an e-mail address. With
   * `telling` names that are plain words (`root`, `build`) count only where they are of a person:
   * for text that somebody wrote who may mean the word.
   */
  nameSpans(text: string, { telling = false }: { telling?: boolean } = {}): Span[] {
    const names = this.#words.find(text).filter(({ start, end, value }) =>
      !telling || value.startsWith("person-") || !/^\p{L}+$/u.test(text.slice(start, end))
    ).map(({ start, end }): Span => ({ start, end, kind: "name" }));
    return mergeSpans([...names, ...addressSpans(text), ...emailSpans(text)]);
  }

  #digest(folded: string): string {
    return createHmac("sha256", this.#key).update(`pseudonym\0${folded}`).digest("hex");
  }

  #add(name: string, pseudonym: string): void {
    const head = name.trim().slice(0, LONGEST_NAME);
    const isShort = head.length < 3 || /^[0-9.]{1,5}$/.test(head);
    if (isShort) {
      this.#whole.set(head.toLowerCase(), pseudonym);
      return;
    }
    // as it is, as pages show it, and as JSON writes it
    const isHead = name.trim().length > LONGEST_NAME;
    for (const spelt of [head, printable(head), JSON.stringify(head).slice(1, -1)]) {
      this.#words.add(spelt, pseudonym, { isHead });
    }
  }
}

/** How many digits each digest needs to be told from the others. */
function distinctPrefixes(digests: readonly string[]): Map<string, number> {
  const needed = new Map<string, number>();
  const sorted = digests.toSorted();
  sorted.forEach((digest, i) => {
    let digits = DIGITS;
    for (const neighbour of [sorted[i - 1], sorted[i + 1]]) {
      if (neighbour === undefined || neighbour === digest) continue;
      while (neighbour.startsWith(digest.slice(0, digits))) digits++;
    }
    needed.set(digest, digits);
  });
  return needed;
}

/**
 * Parts of names that tell as much as the whole: what stands before the @ of an e-mail address, the
 * end of an ARN, the first label of a host. They get the pseudonym of the whole; a part of several
 * names that of the first.
 */
function* partsOf(
  kinds: ReadonlyMap<string, KnownName>,
  byName: ReadonlyMap<string, string>,
): Generator<[part: string, pseudonym: string]> {
  for (const [folded, { kind, name }] of kinds) {
    const parts = [
      ...name.includes("@") ? [name.slice(0, name.indexOf("@"))] : [],
      ...name.startsWith("arn:") ? name.split("/").slice(1) : [],
      ...kind === "target" ? [name.split(".")[0]!] : [],
    ];
    for (const part of parts) {
      const key = part.trim().toLowerCase();
      if (key.length < 4 || key === folded || OWN_WORDS.has(key) || byName.has(key)) continue;
      if (/^[0-9]+$/.test(key) && key.length < 6) continue;
      yield [part, byName.get(folded)!];
    }
  }
}
