/** How much of a user agent is looked at, in UTF-16 units. */
const MAX_USER_AGENT = 4096;
/** Products and comments that are looked at; user agents in the wild have at most some 40. */
const MAX_TOKENS = 256;

/** One word of a user agent: `Terraform/1.1.2`, `md/arch#x86_64`, `agent-name/claude_code`. */
export interface ProductToken {
  /** What stands before the first `/` or `#`, as spelled. */
  name: string;
  /** What stands behind it; null where nothing does. */
  value: string | null;
}

/** A user agent cut into its parts. */
interface UserAgentTokens {
  products: ProductToken[];
  /** What stood in round brackets, without them. */
  comments: string[];
}

/**
 * Cuts a user agent into products and comments, in one pass. Square brackets around it, commas, and
 * what front ends append (`,gzip(gfe)`) fall away. A bracket that is never closed ends with the
 * text. Never throws.
 */
export function userAgentTokens(text: string): UserAgentTokens {
  const seen = text.slice(0, MAX_USER_AGENT);
  const tokens: UserAgentTokens = { products: [], comments: [] };
  let word = "";
  let comment = "";
  let depth = 0;
  const endWord = () => {
    if (word !== "") addWord(tokens, word);
    word = "";
  };
  for (const char of seen) {
    if (depth > 0) {
      depth += char === "(" ? 1 : char === ")" ? -1 : 0;
      if (depth > 0) comment += char;
      else comment = endComment(tokens, comment);
    } else if (char === "(") {
      endWord();
      depth = 1;
    } else if (separates(char, word)) endWord();
    else word += char;
  }
  endWord();
  endComment(tokens, comment);
  return tokens;
}

// The list of features `m/E,n,AC` is the one place where a comma does not separate.
function separates(char: string, word: string): boolean {
  if (char === ",") return !word.startsWith("m/");
  return char <= " " || char === "\u007f" || char === "[" || char === "]" || char === ")" ||
    char === ";" || /\s/.test(char);
}

function addWord(tokens: UserAgentTokens, word: string): void {
  if (tokens.products.length >= MAX_TOKENS) return;
  const at = word.search(/[/#]/);
  const name = at < 0 ? word : word.slice(0, at);
  if (name === "" || (name.toLowerCase() === "gzip" && at < 0)) return;
  tokens.products.push({ name, value: at < 0 ? null : word.slice(at + 1) });
}

function endComment(tokens: UserAgentTokens, comment: string): string {
  if (tokens.comments.length < MAX_TOKENS && comment !== "") tokens.comments.push(comment);
  return "";
}

/**
 * A word that may be stored: letters, digits and `. _ + ~ - : @`, at most `max` of them; runs of
 * anything else become one `_`. Null where nothing is left, and for `None`, `null` and `-`, which
 * clients write for nothing.
 */
export function boundedWord(text: string | null | undefined, max = 40): string | null {
  if (text === null || text === undefined) return null;
  const word = text.slice(0, max * 4).replace(/[^A-Za-z0-9._+~:@-]+/g, "_").slice(0, max);
  if (!/[A-Za-z0-9]/.test(word) || /^(?:none|null|undefined)$/i.test(word)) return null;
  return word;
}

/** Stands for a word that is no name: it was there, and what it was is not kept. */
const UNNAMED = "unnamed";
// words of letters, with a few digits at most (`k8s`, `s3api`, `python3`), and short numbers
const NAME_PART = "(?:[A-Za-z]{1,24}(?:\\d{1,3}[a-z]{0,9})?|\\d{1,4})";
const NAME = new RegExp(`^${NAME_PART}(?:[._+:-]${NAME_PART})*(?=[._+:-]|$)`);

/** Whether a word is of the form that names of programs have, and ids, addresses and keys have not. */
export function isName(word: string): boolean {
  return NAME.exec(word)?.[0] === word;
}

/**
 * A name from outside that may be stored: anybody can put anything into a user agent. Of a word that
 * ends otherwise than a name does, what is before: `deployer-7f3a9c21` is `deployer`; a word that is
 * none at all (an e-mail address, a key, an id) is `unnamed`. Null as of {@link boundedWord}.
 */
export function nameWord(text: string | null | undefined, max = 40): string | null {
  const word = boundedWord(text, max);
  if (word === null) return null;
  return (word.includes("@") ? null : NAME.exec(word)?.[0]) ?? UNNAMED;
}
