import type { Span, SpanKind } from "./span.ts";

// Raw, or as `printable` writes it.
const ESCAPE = String.raw`(?:\x1b|\\u001b|\\x1b|\\e|\\033)`;

/** Signs that a text was copied off a terminal: control sequences, and prompts before a command. */
const TERMINAL_SIGNS: readonly RegExp[] = [
  new RegExp(String.raw`${ESCAPE}(?:\[[0-9;?]{0,20}[A-Za-z]|\][0-9]{1,3};|[()][0AB])`, "g"),
  /(?:^|\n)\[?[\w.-]{1,64}@[\w.-]{1,64}[ :][^\n$#]{0,80}[$#] (?=\S)/g,
  /(?:^|\n)(?:bash|sh)-[0-9.]{1,6}[$#] (?=\S)/g,
];

/** Fields of audit events that hold payloads, as JSON keys: Teleport's, GCP's and AWS's. */
const PAYLOAD_KEYS =
  "protoPayload requestParameters responseElements userIdentity additionalEventData " +
  "serviceEventDetails authorizationInfo authenticationInfo requestMetadata serviceData " +
  "resourceOriginalState db_query db_query_parameters argv raw_query tool_input command_line";

const PAYLOAD = new RegExp(
  String.raw`\\?"(?:${PAYLOAD_KEYS.split(" ").join("|")})\\?"[ \t]{0,4}:[ \t]{0,4}\\?["{\[]`,
  "g",
);

/** Statements of SQL, as far as they can be told from prose. */
const SQL =
  /(?<![\w])(?:SELECT\s[^\n;]{1,400}\sFROM\s+[\w."`]+|INSERT\s+INTO\s+[\w."`]+|UPDATE\s+[\w."`]+\s+SET\s|DELETE\s+FROM\s+[\w."`]+|DROP\s+TABLE\s+[\w."`]+)/g;

/** Folders of people on this or another machine: they tell a login, and what lies in it. */
const HOME = /(?<![\w.])(?:\/home\/|\/Users\/|[A-Z]:\\Users\\)[^\s\/\\"'<>]{1,64}/g;

/**
 * Signs of terminal output, of payloads of events and of home folders: content of sessions that is
 * never shown.
 */
export function rawContentSpans(text: string): Span[] {
  const signs: [SpanKind, RegExp][] = [
    ...TERMINAL_SIGNS.map((pattern): [SpanKind, RegExp] => ["terminal-text", pattern]),
    ["payload", PAYLOAD],
    ["payload", SQL],
    ["path", HOME],
  ];
  const spans: Span[] = [];
  for (const [kind, pattern] of signs) {
    for (const match of text.matchAll(pattern)) {
      spans.push({ start: match.index, end: match.index + match[0].length, kind });
    }
  }
  return spans;
}
