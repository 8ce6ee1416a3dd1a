/** What a statement or request does: a word from a closed list, and whether it only reads. */
export interface CallMethod {
  method: string;
  /** null where the word does not tell. */
  reads: boolean | null;
}

/** Any other word: it may be something that its author typed. */
const OTHER: CallMethod = { method: "OTHER", reads: null };

const READING_STATEMENTS =
  "SELECT SHOW EXPLAIN DESCRIBE DESC VALUES TABLE FETCH USE GET MGET HGET HGETALL KEYS SCAN EXISTS TTL";
const WRITING_STATEMENTS =
  "INSERT UPDATE DELETE MERGE REPLACE UPSERT COPY LOAD TRUNCATE CREATE ALTER DROP RENAME GRANT REVOKE " +
  "COMMENT VACUUM ANALYZE REINDEX OPTIMIZE SET DEL HSET EXPIRE INCR LPUSH RPUSH SADD ZADD FLUSHALL";
const OTHER_STATEMENTS =
  "WITH BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE PREPARE EXECUTE EXEC DEALLOCATE DECLARE CLOSE " +
  "CALL DO LOCK UNLOCK RESET DISCARD LISTEN NOTIFY PING AUTH";

const STATEMENTS = methods([
  [READING_STATEMENTS, true],
  [WRITING_STATEMENTS, false],
  [OTHER_STATEMENTS, null],
]);
const HTTP_METHODS = methods([
  ["GET HEAD OPTIONS", true],
  ["POST PUT PATCH DELETE", false],
  ["CONNECT TRACE", null],
]);
const MCP_METHODS = methods([
  [
    "initialize ping tools/list resources/list resources/templates/list resources/read prompts/list " +
    "prompts/get completion/complete",
    true,
  ],
  ["logging/setLevel resources/subscribe resources/unsubscribe", false],
  ["tools/call sampling/createMessage elicitation/create roots/list", null],
]);

function methods(
  lists: readonly (readonly [words: string, reads: boolean | null])[],
): ReadonlyMap<string, CallMethod> {
  return new Map(
    lists.flatMap(([words, reads]) =>
      words.split(" ").map((method) => [method, { method, reads }] as const)
    ),
  );
}

const COMMENTS = /^(?:[\s(;]+|--[^\n]*(?:\n|$)|#[^\n]*(?:\n|$)|\/\*[^]*?(?:\*\/|$))+/;

/** By the first word of a statement, behind comments and brackets. */
export function statementMethod(statement: string | undefined): CallMethod {
  const text = (statement ?? "").replace(COMMENTS, "");
  const found = STATEMENTS.get(/^[A-Za-z]{1,16}/.exec(text)?.[0].toUpperCase() ?? "") ?? OTHER;
  if (found.method !== "WITH") return found;
  const writes = /\b(?:insert|update|delete|merge)\b/i.test(text);
  return { method: "WITH", reads: !writes };
}

/** By the method of HTTP. */
export function httpMethod(method: string | undefined): CallMethod {
  return HTTP_METHODS.get((method ?? "").toUpperCase()) ?? OTHER;
}

/** By the method of JSON-RPC, as the Model Context Protocol names them. */
export function mcpMethod(method: string | undefined): CallMethod {
  return MCP_METHODS.get(method ?? "") ?? OTHER;
}

/** By the operation of DynamoDB: `DynamoDB_20120810.GetItem`. */
export function dynamoMethod(target: string | undefined): CallMethod {
  const method = /^DynamoDB[A-Za-z]*_\d{8}\.([A-Z][A-Za-z]{2,40})$/.exec(target ?? "")?.[1];
  if (method === undefined) return OTHER;
  return { method, reads: /^(?:Get|BatchGet|TransactGet|Query|Scan|List|Describe)/.test(method) };
}

/** A call of something whose text says no more: a prepared statement, a procedure. */
export function plainMethod(method: "EXECUTE" | "CALL" | "BATCH"): CallMethod {
  return { method, reads: null };
}
