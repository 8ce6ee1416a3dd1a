import { LabelError } from "../model/errors.ts";
import { isLabelKey, isLabelValue, quote } from "../model/label.ts";

/**
 * One condition on the label of one `key`: that its value is, or is not, among `values`, or that it is
 * there at all. `!=` and `notin` also match where the key is absent.
 */
export type Requirement =
  | { operator: "in" | "notin"; key: string; values: readonly string[] }
  | { operator: "exists" | "absent"; key: string };

/** All requirements must hold; none at all matches everything. */
export type Selector = readonly Requirement[];

/** A selector may hold this many characters and requirements. */
const MAX_CHARACTERS = 16_384;
const MAX_REQUIREMENTS = 500;

/** Whether a selector matches labels. */
export function matchesSelector(
  selector: Selector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return selector.every((requirement) => {
    const { key } = requirement;
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (requirement.operator) {
      case "exists":
        return value !== undefined;
      case "absent":
        return value === undefined;
      case "in":
        return value !== undefined && requirement.values.includes(value);
      case "notin":
        return value === undefined || !requirement.values.includes(value);
    }
  });
}

/** A condition on subjects: SQL with `?` for each of `params`, in order. */
interface SqlCondition {
  sql: string;
  params: string[];
}

/**
 * A selector as a condition on `subjectColumn`, the name of a column with the subject's id. Keys
 * and values are parameters only.
 */
export function selectorSql(selector: Selector, subjectColumn: string): SqlCondition {
  if (!/^\w+(\.\w+)?$/.test(subjectColumn)) throw new TypeError("A column's name is expected");
  const params: string[] = [];
  const conditions = selector.map((requirement) => {
    const { key, operator } = requirement;
    params.push(key);
    let matching = "SELECT subject_id FROM labels WHERE key = ?";
    if (operator === "in" || operator === "notin") {
      params.push(...requirement.values);
      matching += ` AND value IN (${requirement.values.map(() => "?").join(", ")})`;
    }
    const positive = operator === "in" || operator === "exists";
    return `${subjectColumn} ${positive ? "IN" : "NOT IN"} (${matching})`;
  });
  return { sql: conditions.length === 0 ? "TRUE" : conditions.join(" AND "), params };
}

/** The condition of a selector's text; none matches everything. Throws a {@link LabelError}. */
export function selectorCondition(text: string | undefined, subjectColumn: string): SqlCondition {
  return selectorSql(text === undefined ? [] : parseSelector(text), subjectColumn);
}

/**
 * Parses Kubernetes' selector grammar: `a=b`, `a==b`, `a!=b`, `a in (x,y)`, `a notin (x)`, `a`,
 * `!a`, joined by commas; white space is free, values may be empty, no text matches everything.
 * Throws a {@link LabelError} that names the column, counted from 1.
 */
export function parseSelector(text: string): Selector {
  if (text.length > MAX_CHARACTERS) {
    throw new LabelError(`A selector has at most ${MAX_CHARACTERS} characters`);
  }
  const parser = new Parser(text);
  const requirements: Requirement[] = [];
  if (parser.at("end")) return requirements;
  do {
    requirements.push(parser.requirement());
    if (requirements.length > MAX_REQUIREMENTS) {
      throw new LabelError(`A selector has at most ${MAX_REQUIREMENTS} requirements`);
    }
  } while (parser.take(","));
  parser.expect("end", `"," or the end`);
  return requirements;
}

interface Token {
  /** A symbol, `word`, or `end`. */
  kind: string;
  text: string;
  column: number;
}

const TOKEN = /[ \t\r\n]*(?:(==|!=|[=!(),<>])|([^=!(),<> \t\r\n]+)|$)/y;

class Parser {
  readonly #tokens: Token[] = [];
  #next = 0;

  constructor(readonly text: string) {
    TOKEN.lastIndex = 0;
    for (;;) {
      const [, symbol, word] = TOKEN.exec(text)!;
      const length = (symbol ?? word ?? "").length;
      const end = symbol === undefined && word === undefined;
      const column = (end ? text.length : TOKEN.lastIndex - length) + 1;
      this.#tokens.push({
        kind: end ? "end" : symbol ?? "word",
        text: symbol ?? word ?? "",
        column,
      });
      if (end) return;
    }
  }

  at(kind: string): boolean {
    return this.#tokens[this.#next]!.kind === kind;
  }

  take(kind: string): Token | null {
    return this.at(kind) ? this.#tokens[this.#next++]! : null;
  }

  expect(kind: string, wanted: string): Token {
    return this.take(kind) ?? this.fail(wanted);
  }

  requirement(): Requirement {
    const absent = this.take("!") !== null;
    const key = this.#key();
    if (absent) return { operator: "absent", key };
    if (this.at(",") || this.at("end")) return { operator: "exists", key };
    if (this.take("=") || this.take("==")) return { operator: "in", key, values: [this.#value()] };
    if (this.take("!=")) return { operator: "notin", key, values: [this.#value()] };
    const token = this.#tokens[this.#next]!;
    if (token.text === "in" || token.text === "notin") {
      this.#next++;
      return { operator: token.text, key, values: this.#values() };
    }
    if (token.text === "<" || token.text === ">") {
      throw this.fault(token, `"${token.text}" compares no labels; numbers are for --where`);
    }
    return this.fail(`"=", "==", "!=", "in", "notin" or ","`);
  }

  #key(): string {
    const token = this.expect("word", "a label's key");
    if (isLabelKey(token.text)) return token.text;
    throw this.fault(token, `${quote(token.text)} is no valid label key`);
  }

  /** A word, or nothing before a comma, a closing parenthesis or the end. */
  #value(inList = false): string {
    const token = this.take("word");
    if (token === null) {
      if (this.at(",") || this.at(inList ? ")" : "end")) return "";
      return this.fail("a value");
    }
    if (isLabelValue(token.text)) return token.text;
    throw this.fault(token, `${quote(token.text)} is no valid label value`);
  }

  #values(): string[] {
    this.expect("(", `"("`);
    const values = new Set<string>();
    do values.add(this.#value(true)); while (this.take(","));
    this.expect(")", `"," or ")"`);
    return [...values];
  }

  fail(wanted: string): never {
    const token = this.#tokens[this.#next]!;
    const found = token.kind === "end" ? "the end" : quote(token.text);
    throw this.fault(token, `expected ${wanted}, found ${found}`);
  }

  fault(token: Token, problem: string): LabelError {
    return new LabelError(`Selector ${quote(this.text)}, column ${token.column}: ${problem}`);
  }
}
