import assert from "node:assert/strict";
import { Redactor } from "../../lib/redact/redactor.ts";
import { digestOf } from "../phase2/terminal_canvas.ts";

/** What must not be left; of no issuer's format, so that its company alone gives it away. */
const S = "hunter2zebraX9";
const AWS = ["AKIA", "IOSFODNN7EXAMPLE"] as const;
const GITHUB = ["ghp_abcdefghij", "ABCDEFGHIJ0123456789abcdef"] as const;
const fullWidth = (text: string) =>
  text.replace(/[!-~]/g, (c) => String.fromCodePoint(c.charCodeAt(0) + 0xfee0));
const base64 = (text: string) => btoa(text);
const hex = (text: string) =>
  [...text].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");

/** Terminal output, and what of it must be gone ({@link S} where nothing is named). */
type Case = string | [text: string | string[], ...gone: string[]];

const PROMPTS: readonly Case[] = [
  ...[
    "Passwort: ",
    "Mot de passe : ",
    "Contraseña: ",
    "Senha: ",
    "Пароль: ",
    "パスワード: ",
    "密码：",
  ]
    .map((prompt) => prompt + S),
  ...["암호: ", "Inserire la password: ", "Wachtwoord: ", "Hasło: ", "Parola: ", "Lösenord: "]
    .map((prompt) => prompt + S),
  ["[sudo] password for bob: correcthorse", "correcthorse"],
  ["Enter passphrase for key '/home/bob/.ssh/id_rsa': correct horse battery", "battery"],
  [["Password:\r\n", `${S}\r\n`]],
  `? Enter your password › ${S}`,
  `password> ${S}`,
  `Retype new password: ${S}`,
  `Password for user 'a${"b".repeat(70)}': ${S}`,
  ["Password: no-way-Jose7", "way-Jose7"],
  ["Enter PIN for authenticator: 48213377", "48213377"],
  ["Verification code: 482133", "482133"],
  [["$ export PASSWORD=", ..."hunterx", "\b \b", ..."2zebraX9", "\r\n"], S, "hunterx"],
];

const FILES: readonly Case[] = [
  [`{"password":"hunter2 zebra X9 !", "x": 1}`, "hunter2", "zebra"],
  ...["pass", "pwd", "db_pass"].map((name) => `{"db":{"${name}":"${S}"}}`),
  `"{\\"password\\":\\"${S}\\"}"`,
  [`password="hunt\\"er2zebraX9"`, "er2zebraX9"],
  `password: ${S}`,
  [["password: |\r\n", `  ${S}\r\n`]],
  `  db_pass: ${S}`,
  `DB_PASS=${S}`,
  [`db_pass=correcthorse`, "correcthorse"],
  ["export PASSWORD='hunter two horses'", "two horses"],
  ["export PASSWORD='hun;ter&2(x)horse'", "ter&2", "horse"],
  ["export PASSWORD='$ecretHunter99'", "ecretHunter99"],
  ["PASSWORD=***real99horse", "real99horse"],
  `PASSWORD={${S}`,
  `password=%${S}`,
  `password=[${S}]`,
  ["password=hünter2zebraX9", "nter2zebraX9"],
  `set -x DB_PASSWORD ${S}`,
  `$env:DB_PASSWORD = "${S}"`,
  `machine x login bob password ${S}`,
  `db:5432:app:bob:${S}`,
  `//registry.npmjs.org/:_authToken=${S}`,
  [`{"auths":{"x":{"auth":"${base64(`bob:${S}`)}"}}}`, base64(`bob:${S}`)],
  ["bob:$apr1$abcdefgh$0123456789abcdefghijkl", "0123456789abcdefghijkl"],
  [`root:$6$saltsalt$${"abcdEFGH0123./kl".repeat(5)}:19000:0:::`, "abcdEFGH0123./kl"],
  [`    client-key-data: ${base64("-----BEGIN RSA PRIVATE KEY-----\nMII")}`, "LS0tLS1CRUdJTiB"],
  ["data:\r\n  password: aHVudGVyMg==", "aHVudGVyMg=="],
  [`Unseal Key 1: abcdEFGH0123ijklMNOP4567qrst+/AbCd==`, "abcdEFGH0123ijkl"],
  ["PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=", "yAnz5TF+lXXJte14"],
  `Server=db;Uid=sa;Pwd=${S};`,
  `│ Password │ ${S} │`,
  `the password is ${S}`,
  `ALTER USER bob WITH PASSWORD '${S}';`,
  `CREATE USER bob IDENTIFIED BY '${S}';`,
];

const COMMANDS: readonly Case[] = [
  ...["-u bob:", "-ubob:", "--user=bob:", "-su bob:", "-H 'X-Api-Key: ", "-d 'u=bob&password="]
    .map((argument) => `curl ${argument}${S} https://x`),
  ["curl -b 'sid=abcd1234efgh5678zz' https://x", "abcd1234efgh5678zz"],
  ["Set-Cookie: sid=abcd-efgh-ijkl; Path=/", "abcd-efgh-ijkl"],
  `mysql -u root -p${S} db`,
  `sshpass -p '${S}' ssh bob@x`,
  `foo --pass ${S}`,
  ["foo --password 'hunter two horses'", "two horses"],
  `java -Djavax.net.ssl.trustStorePassword=${S} -jar x`,
  `redis-cli -a ${S} ping`,
  `docker login -u bob -p ${S} registry`,
  `echo ${S} | docker login --password-stdin`,
  `echo ${S} | sudo -S id`,
  `echo 'bob:${S}' | sudo chpasswd`,
  `net user bob ${S} /add`,
  `smbclient -U bob%${S} //h/s`,
  `ldapsearch -D cn=x -w ${S} -b y`,
  `openssl enc -pass pass:${S}`,
  `kubectl create secret generic x --from-literal=key=${S}`,
  ["kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef", "0123456789abcdef"],
];

const PLACES: readonly Case[] = [
  [`mongodb+srv://bob:${S}@cluster0.x.mongodb.net`],
  [`redis://:${S}@db:6379`],
  ["postgres://bob:hun@ter2zebraX9@db/x", "ter2zebraX9"],
  ["postgres://bob:hun/ter2zebraX9@db/x", "ter2zebraX9"],
  [`https://x.example/cb#access_token=${S}&x`],
  [`password%3D${S}%26x`],
  [
    "https://discord.com/api/webhooks/123456789012345678/abcDEF-ghiJKL_mno123PQR",
    "ghiJKL_mno123PQR",
  ],
  [`https://api.telegram.org/bot123456789:AA${"HabcDEFghi".repeat(3)}xyz/getMe`, "HabcDEFghiHabc"],
  [`echo ${base64(`password=${S}`)} | base64 -d`, base64(`password=${S}`).slice(0, 20)],
  [`echo x${base64(`{"password":"${S}"}`)}`, base64(`{"password":"${S}"}`).slice(0, 20)],
  [`echo ${hex(`password=${S}`)} | xxd -r -p`, hex("password=hunter2")],
  [`00000000  ${hex(`password=${S}`).match(/../g)!.join(" ")}`, "70 61 73 73 77 6f 72 64"],
];

const DISGUISES: readonly Case[] = [
  [`AK\u200bIA${AWS[1].slice(0, 5)}\u2060${AWS[1].slice(5)}`, AWS[1].slice(5)],
  [`AKIA${AWS[1].slice(0, 5)}\u0301${AWS[1].slice(5)}`, AWS[1].slice(5)],
  [fullWidth(AWS.join("")), fullWidth(AWS[1])],
  [`AKI\u0410${AWS[1]}`, AWS[1]],
  `${fullWidth("password")}=${S}`,
  `p\u0430ssw\u043erd=${S}`,
  [`${GITHUB[0]}\u00ad${GITHUB[1]}`, GITHUB[1]],
  [`${GITHUB[0]}\u001b[31m${GITHUB[1]}\u001b[0m`, GITHUB[1]],
  [`${GITHUB[0]}\u001b]0;x\u0007${GITHUB[1]}`, GITHUB[1]],
  [[`export TOKEN=${GITHUB[0]}\\\r\n`, `> ${GITHUB[1]}\r\n`], GITHUB[1]],
  [`T=${GITHUB[0]}'${GITHUB[1].slice(0, 10)}'${GITHUB[1].slice(10)}`, GITHUB[1].slice(0, 10)],
  [`\u001b[5G${AWS[1]}\u001b[1GAKIA`, AWS[1]],
  [`${AWS[1]}\u001b[16D${AWS.join("")}`, AWS[1]],
  [["\u001b[?1049h\u001b[2J\u001b[H", `DB_PASSWORD=${S}\u001b[2;1H~`, "\u001b[?1049l"]],
  [["$ export PASSWORD=zebraX9", "\u001b[7D", "\u001b[7@hunter2", "\r\n"], S],
  ["mail to jörg@exämple.de", "jörg@"],
  ["mail to bob＠example.com", "bob＠"],
];

const KEYS: readonly Case[] = [
  [
    ["  1 -----BEGIN RSA PRIVATE KEY-----\r\n", "  2 MIIEowIBAAKCAQEAabcd\r\n"],
    "MIIEowIBAAKCAQEAabcd",
  ],
  [
    ["Private-Lines: 2\r\n", "AAAAgQCabcdefgh\r\n", "AAAAIQCabcdefgh\r\n", "Private-MAC: 0\r\n"],
    ...["AAAAgQCabcdefgh", "AAAAIQCabcdefgh"],
  ],
];

const GROUPS = { PROMPTS, FILES, COMMANDS, PLACES, DISGUISES, KEYS };
for (const [group, cases] of Object.entries(GROUPS)) {
  Deno.test(`Redactor leaves nothing of ${cases.length} ${group.toLowerCase()} that hold secrets`, async () => {
    const left: string[] = [];
    for (const one of cases) {
      const [text, ...gone] = typeof one === "string" ? [one] : one;
      const pieces = typeof text === "string" ? [`${text}\r\n`] : text;
      const { lines } = await digestOf(pieces);
      const shown = lines.join("\n");
      for (const secret of gone.length === 0 ? [S] : gone) {
        if (shown.includes(secret)) left.push(`${JSON.stringify(pieces)}: ${shown}`);
      }
    }
    assert.deepEqual(left, []);
  });
}

Deno.test("Redactor finds what is left of a secret elsewhere, and takes words for words", () => {
  const token = GITHUB.join("");
  const { lines } = new Redactor().lines([
    { text: `token: number; secret = introspection` },
    { text: `one half │ ${token.slice(0, 20)}` },
    { text: `the rest │ ${token.slice(20)}` },
    { text: `TOKEN=${token}` },
    { text: `count: number; introspection of 20 rows` },
  ]);
  assert.deepEqual(lines.slice(1), [
    "one half │ [github-token 1]",
    "the rest │ [github-token 1]",
    "TOKEN=[github-token 1]",
    "count: number; introspection of 20 rows",
  ]);
});
