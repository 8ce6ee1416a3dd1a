import { isPlaceholder } from "./named_secrets.ts";
import type { Span } from "./span.ts";

// bounded, and within one command of a line
const SOME = String.raw`[^\n|;&]{0,300}?`;
const VALUE = String.raw`(?<secret>"[^"\n]{1,300}|'[^'\n]{1,300}|[^\s"'|;&]{1,300})`;

/** Programs that take a password as an argument under a name that does not say so. */
const ARGUMENTS: readonly RegExp[] = [
  String.raw`\b(?:mysql\w{0,12}|mariadb[\w-]{0,12})\b${SOME} -p${VALUE}`,
  String.raw`\bsshpass${SOME} -p ?${VALUE}`,
  String.raw`\bredis-cli\b${SOME} (?:-a|--askpass-hint) ${VALUE}`,
  String
    .raw`\b(?:docker|podman|nerdctl|buildah|skopeo|helm|oras|crane|az|npm|oc)\b${SOME} login\b` +
  String.raw`${SOME} -p ?${VALUE}`,
  String.raw`\bldap[a-z]{3,9}\b${SOME} -w ?${VALUE}`,
  String
    .raw`\b(?:smbclient|rpcclient|smbmap|net|nmblookup|wmic|winexe)\b${SOME} (?:-U|--user)[ =]?` +
  String.raw`["']?[^\s%"']{1,64}%${VALUE}`,
  String.raw`\bnet\b${SOME} user [^\s/]{1,64} ${VALUE}(?= /add)`,
  String
    .raw`\b(?:crackmapexec|netexec|nxc|evil-winrm|xfreerdp|hydra|rdesktop)\b${SOME} (?:-p|/p:) ?` +
  VALUE,
  String.raw`\bopenssl\b${SOME} (?:-k|-K) ${VALUE}`,
  String.raw`(?<![\w-])-pass(?:in|out)? ?pass:${VALUE}`,
  String.raw`--from-literal[ =]["']?[\w.-]{1,80}=${VALUE}`,
  String
    .raw`(?<![\w-])(?:-[A-Za-z]{0,6}u|--user|--proxy-user)[ \t=]{0,4}["']?[^\s:"'/]{1,64}:${VALUE}`,
  String.raw`(?<![\w-])(?:-b|--cookie)[ =]["'][\w.-]{1,80}=${VALUE}`,
  String.raw`\b(?:zip|7z|unzip|rar|gpg2?)\b${SOME} (?:-P|-p|--passphrase)[ =]?${VALUE}`,
  String.raw`\bmachine [^\s]{1,200}\s{1,4}login [^\s]{1,100}\s{1,4}password ${VALUE}`,
  // what a pipe hands to a program that asks for a password
  String
    .raw`\b(?:echo|printf)(?: -[neE]{1,3})? ["']?(?<secret>[^\s|"']{1,300})["']? ?(?:\| ?|\|& ?)` +
  String
    .raw`[^\n|]{0,120}?(?:--password-stdin|--passphrase-fd|\bsudo (?:-\w{1,3} ){0,3}-\w{0,3}S|` +
  String.raw`\bchpasswd|\bpasswd|\bkinit|\bcryptsetup|\bsu\b|vault login -)`,
].map((source) => new RegExp(source, "gd"));

/** Passwords in the arguments of programs, and such as a pipe hands to one. */
export function secretArgumentSpans(text: string): Span[] {
  const spans: Span[] = [];
  for (const pattern of ARGUMENTS) {
    for (const { groups, indices } of text.matchAll(pattern)) {
      const secret = groups!["secret"]!;
      const [start, end] = indices!.groups!["secret"]!;
      const quotes = /^["']/.test(secret) ? 1 : 0;
      const plain = secret.slice(quotes);
      if (plain === "" || isPlaceholder(plain)) continue;
      spans.push({ start: start + quotes, end, kind: "password" });
    }
  }
  return spans;
}
