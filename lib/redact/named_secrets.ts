import type { Span } from "./span.ts";

/** What people and programs call a password, in the languages that shells speak. */
const PASSWORDS = [
  ...["passw(?:or)?d", "passwort", "passphrase", "passcode", "kennwort", "contrase[nñ]a"],
  ...["mot de passe", "motdepasse", "senha", "wachtwoord", "has[lł]o", "parola", "heslo"],
  ...["l[oö]senord", "adgangskode", "passord", "salasana", "jelsz[oó]", "[sş]ifre", "пароль"],
  ...["密码", "密碼", "口令", "パスワード", "暗証番号", "암호", "비밀번호", "סיסמה", "كلمة المرور"],
  ...["mật khẩu", "รหัสผ่าน", "κωδικός", "कूटशब्द", "kata sandi"],
];
export const PASSWORD_WORDS: string = PASSWORDS.join("|");

const OTHERS = [
  ...["secret", "token", "api[ _-]?key", "access[_-]?key", "private[_-]?key", "psk"],
  ...["encryption[_-]?key", "signing[_-]?key", "pre-?shared[ _-]?key", "(?:un)?seal key"],
  ...["recovery key", "client[_-]key-data", "credentials?", "identified by", "_auth(?:token)?"],
];

const SIGN = String.raw`[ \t]{0,4}(?::=|=>?|:|：|%3[ad])[ \t]{0,4}|[ \t]{0,8}[|│][ \t]{0,8}|` +
  String.raw`[ \t]{1,8}(?:(?:is|was|to|=)[ \t]{1,4})?`;
// quoted to the same quote; bare to what ends a word of a shell, over lines that are continued
const VALUE =
  String.raw`\\"(?<escaped>[^"\\\n]{1,1024})|"(?<double>(?:[^"\\\n]|\\[^\n]){1,1024})|` +
  String.raw`'(?<single>[^'\n]{1,1024})|` +
  String.raw`(?<bare>(?:[^\s"'\\&;,<>()|│]|\\[^\s]|\\\r?\n(?:> ?)?){1,1024})`;

/** Where a value of a named secret begins: `password=`, `"api_key": "`, `--token `. */
const STRONG = new RegExp(
  String.raw`(?<word>${PASSWORD_WORDS}|${OTHERS.join("|")})(?<suffix>[\w-]{0,20}(?: [0-9]{1,3})?)` +
    String.raw`\\?["']?(?<sign>${SIGN})(?:${VALUE})`,
  "gid",
);
/** Short names that mean other things too. */
const WEAK = new RegExp(
  String.raw`(?<![A-Za-z])(?<word>pass|pwd|auth|sid|session(?:[_-]?id)?)(?<suffix>)` +
    String.raw`\\?["']?(?<sign>${SIGN})(?:${VALUE})`,
  "gid",
);

/** What stands where a secret would and is none: masks, variables, placeholders, words of code. */
const PLACEHOLDER =
  /^(?:[*x.•…_-]+|\$[A-Za-z_]\w*|\$[{(].*|%|%[A-Za-z_]\w*%|%[sdvq]|%\{.*|\{[\w .-]*\}|\{\{.*|\[[a-z -]*\]?|<.*|null|none|nil|true|false|undefined|redacted|hidden|required|empty|changed?)$/i;

/** Whether a text is a placeholder for a secret and not one. */
export function isPlaceholder(text: string): boolean {
  return PLACEHOLDER.test(text);
}

/** Values that stand behind the name of a secret. */
export function namedSecretSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const [isStrong, pattern] of [[true, STRONG], [false, WEAK]] as const) {
    for (const match of text.matchAll(pattern)) {
      const { groups = {}, indices, index } = match;
      const form = (["escaped", "double", "single", "bare"] as const)
        .find((name) => groups[name] !== undefined)!;
      const [start, until] = indices!.groups![form]!;
      const secret = groups[form]!;
      const { word = "", suffix = "", sign = "" } = groups;
      const before = text.slice(Math.max(0, index - 40), index);
      const found = { word, suffix, sign, secret, before, isQuoted: form !== "bare" };
      if (isLiteral(form, secret) || !(isStrong ? isStrongValue(found) : isWeakValue(found))) {
        continue;
      }
      // the next parameter of an encoded URL
      const cut = /^\s*%3/i.test(sign) ? secret.search(/%26/) : -1;
      spans.push({ start, end: cut > 0 ? start + cut : until, kind: "password" });
    }
  }
  return spans;
}

/** Whether the value is a variable or the like; a shell takes single quotes as they stand. */
function isLiteral(form: string, secret: string): boolean {
  return isPlaceholder(secret) && !(form === "single" && /^\$[A-Za-z_]\w*$/.test(secret));
}

interface Found {
  word: string;
  suffix: string;
  sign: string;
  secret: string;
  /** What stands before the name. */
  before: string;
  isQuoted: boolean;
}

/** Whether what stands behind a secret's name is its value, and not the next word of a sentence. */
function isStrongValue({ word, suffix, sign, secret, before, isQuoted }: Found): boolean {
  const isPassword = new RegExp(`^(?:${PASSWORD_WORDS})`, "i").test(word);
  const isExplicit = /[=:：%]/.test(sign);
  if (!isExplicit) {
    // an argument's value: `--password hunter2`
    if (/(?:^|\s)--?[\w-]*$/.test(before) && /^[ \t]+$/.test(sign)) return !secret.startsWith("-");
    // of SQL: `PASSWORD 'hunter2'`
    if (isQuoted) return /^(?:pass|ident)/i.test(word) && secret.length >= 3 && !/\s/.test(secret);
    return isPassword && secret.length >= 8 && isMixed(secret) && !isPath(secret);
  }
  // how many, not which
  if (/^s\b/.test(suffix) && /^[0-9.,]+$/.test(secret)) return false;
  // code: `token = await next()`
  if (!isQuoted && !isPassword && /^\s.*\s$/.test(sign) && !/[0-9]/.test(secret)) return false;
  if (isQuoted || /[=%]/.test(sign)) return secret.length >= 3;
  if (isPassword) return secret.length >= 4;
  return secret.length >= 6 && /[0-9]/.test(secret);
}

function isWeakValue({ word, sign, secret, before, isQuoted }: Found): boolean {
  if (isPath(secret)) return false;
  const isMixedValue = secret.length >= 6 && isMixed(secret) || /^[\w+/]{8,}={1,2}$/.test(secret);
  const isArgument = /(?:^|\s)--?[\w-]*$/.test(before) && /^[ \t=]+$/.test(sign);
  // `DB_PASS=`, `db_pass:`
  const isVariable = /[A-Za-z0-9][_.-]$/.test(before) && /^p/i.test(word) && /[=:]/.test(sign);
  if (isVariable) return secret.length >= 4 && !/^[0-9]{1,5}$/.test(secret);
  if (isArgument) return isMixedValue;
  if (isQuoted || /[=%]/.test(sign)) return isMixedValue;
  return /[:：]/.test(sign) && secret.length >= 8 && isMixedValue;
}

/** Letters and something else, as passwords have and words have not. */
function isMixed(text: string): boolean {
  return /[A-Za-z]/.test(text) && /[0-9!#$%&*+=?@^~]/.test(text);
}

function isPath(text: string): boolean {
  return /^(?:\.{0,2}\/|~|[A-Za-z]:\\)|:\/\/|^(?:[0-9]+:)?v?[0-9]+(?:\.[0-9]+)+/.test(text);
}
