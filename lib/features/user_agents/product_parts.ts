import { agentTool } from "../../model/agent_tools.ts";
import { noteLanguage, notePlatform } from "./platform.ts";
import type { CredentialHint, UserAgent } from "./user_agent.ts";
import { boundedWord, isName, nameWord } from "./user_agent_tokens.ts";

/** Notes what `name/value` says. */
type Part = (agent: UserAgent, value: string) => void;

const MAX_FEATURES = 64;

/** What the ids of `m/…` say of credentials (facts/user_agents.md, AWS CLI). */
const CREDENTIALS: ReadonlyMap<string, CredentialHint> = new Map([
  ["e", "code"],
  ["g", "environment"],
  ["h", "web-identity"],
  ["i", "assume-role"],
  ["k", "web-identity"],
  ["n", "profile"],
  ["o", "profile"],
  ["p", "profile"],
  ["q", "web-identity"],
  ["r", "sso"],
  ["s", "sso"],
  ["t", "sso"],
  ["u", "sso"],
  ["AC", "login"],
  ["AD", "login"],
  ["v", "process"],
  ["w", "process"],
  ["z", "http"],
  ["0", "instance-metadata"],
]);

/** The parts that a user agent is made of beside its products, by name in lower case. */
export const PARTS: ReadonlyMap<string, Part> = new Map<string, Part>([
  ["agent-name", noteAgent],
  ["agent", noteAgent],
  ["agent-version", (agent, value) => agent.agentVersion = version(value)],
  ["model", noteModel],
  ["agent-model", noteModel],
  ["llm", noteModel],
  ["command", (agent, value) => agent.command ??= canonicalCommand(value)],
  ["interactive", (agent, value) => agent.interactive ??= flag(value)],
  ["from-script", (agent, value) => agent.fromScript ??= flag(value)],
  ["invocation-id", (agent, value) => agent.invocation ??= boundedWord(value, 64)],
  ["sid", (agent, value) => agent.invocation ??= boundedWord(value, 64)],
  ["environment", (agent, value) => agent.environment ??= nameWord(value, 60)],
  ["environment-version", () => {}],
  ["term", () => {}],
  ["client-os", notePlatform],
  ["client-os-ver", () => {}],
  ["client-pltf-arch", notePlatform],
  ["exec-env", noteExecutionEnvironment],
  ["os", notePlatform],
  ["linux", (agent, value) => notePlatform(agent, `linux ${value}`)],
  ["darwin", (agent, value) => notePlatform(agent, `darwin ${value}`)],
  ["macos", (agent, value) => notePlatform(agent, `macos ${value}`)],
  ["windows", (agent, value) => notePlatform(agent, `windows ${value}`)],
  ["python", (agent) => noteLanguage(agent, "python")],
  ["java", (agent) => noteLanguage(agent, "java")],
  ["lang", (agent, value) => noteLanguage(agent, firstOf(value))],
  ["gl-python", (agent) => noteLanguage(agent, "python")],
  ["gl-go", (agent) => noteLanguage(agent, "go")],
  ["gl-java", (agent) => noteLanguage(agent, "java")],
  ["gl-node", (agent) => noteLanguage(agent, "node")],
  ["m", noteFeatures],
  ["app", (agent, value) => agent.app ??= boundedWord(value, 50)],
  ["goog-mcp", noteGoogleMcp],
  ["awslabs", (agent, value) => noteAwsLabsMcp(agent, value.split(/[/#]/))],
  ["mcp-server", (agent, value) => noteMcp(agent, "other", { server: value })],
  ["mcp-version", (agent, value) => noteMcp(agent, "other", { version: value })],
  ["mcp-tool", (agent, value) => noteMcp(agent, "other", { tool: value })],
]);

/** The parts of `md/NAME#VALUE` by NAME, in lower case; true for those that go without saying. */
const METADATA: ReadonlyMap<string, Part> = new Map<string, Part>([
  ["arch", notePlatform],
  ["goarch", notePlatform],
  ["goos", notePlatform],
  ["command", (agent, value) => agent.command ??= canonicalCommand(value)],
  ["distrib", (agent, value) => agent.distribution ??= boundedWord(value)],
  ["agent", noteAgent],
  ["agent-name", noteAgent],
  ["model", noteModel],
  ["mcp-server", (agent, value) => noteMcp(agent, "other", { server: value })],
  ["mcp-tool", (agent, value) => noteMcp(agent, "other", { tool: value })],
  ...[
    "awscrt",
    "pyimpl",
    "installer",
    "prompt",
    "botocore",
    "urllib3",
    "crt",
    "internal",
    "browser",
  ]
    .map((name): [string, Part] => [name, () => {}]),
]);

/** Notes `md/…`; returns the name of a part that nobody knows, else null. */
export function noteMetadata(agent: UserAgent, value: string): string | null {
  const [name = "", ...rest] = value.split(/[/#]/);
  if (name.toLowerCase() === "awslabs") {
    noteAwsLabsMcp(agent, rest);
    return null;
  }
  const part = METADATA.get(name.toLowerCase());
  part?.(agent, rest.join("#"));
  return part === undefined ? name : null;
}

/** Notes an agent that gives its name; `claude-code_2-1-226_agent` holds a version too. */
export function noteAgent(agent: UserAgent, value: string): void {
  const raw = boundedWord(value, 60);
  if (raw === null || /^(?:unknown|unset|false|0)$/i.test(raw) || agent.agentNameRaw !== null) {
    return;
  }
  const { tool, version } = agentTool(value);
  agent.agentName = tool;
  agent.agentNameRaw = raw;
  agent.agentVersion ??= version;
}

/** Notes an MCP server; what was said first stays. */
export function noteMcp(
  agent: UserAgent,
  family: "google" | "awslabs" | "other",
  said: { server?: string | undefined; version?: string | undefined; tool?: string | undefined },
): void {
  agent.mcp ??= family;
  agent.mcpServer ??= nameWord(said.server, 60);
  agent.mcpVersion ??= version(said.version);
  agent.mcpTool ??= nameWord(said.tool, 60);
}

// goog-mcp/agent/X/agent-version/X/mcp-server/X/mcp-version/X/mcp-tool/X
function noteGoogleMcp(agent: UserAgent, value: string): void {
  const words = value.split("/", 32);
  const said = new Map<string, string>();
  for (let i = 0; i + 1 < words.length; i += 2) said.set(words[i]!.toLowerCase(), words[i + 1]!);
  noteMcp(agent, "google", {
    server: said.get("mcp-server"),
    version: said.get("mcp-version"),
    tool: said.get("mcp-tool"),
  });
  noteAgent(agent, said.get("agent") ?? "");
  agent.agentVersion ??= version(said.get("agent-version"));
}

// awslabs/mcp/SERVER/V and md/awslabs#mcp#SERVER#V
function noteAwsLabsMcp(agent: UserAgent, words: readonly string[]): void {
  if (words[0]?.toLowerCase() !== "mcp") return;
  noteMcp(agent, "awslabs", { server: words[1], version: words[2] });
}

function noteModel(agent: UserAgent, value: string): void {
  agent.model ??= boundedWord(value, 60);
}

// AWS_EXECUTION_ENV: `AmazonQ-For-CLI-Version-1.9.1` is an agent.
function noteExecutionEnvironment(agent: UserAgent, value: string): void {
  agent.environment ??= nameWord(value, 60);
  const [name = "", after] = value.split(/-version-/i, 2);
  if (agentTool(name).tool === "unknown") return;
  noteAgent(agent, name);
  agent.agentVersion ??= version(after);
}

function noteFeatures(agent: UserAgent, value: string): void {
  for (const id of value.split(/[,;]/, MAX_FEATURES)) {
    const word = /^[A-Za-z0-9+_-]{1,8}$/.test(id) ? id : null;
    if (word === null || agent.featureIds.length >= MAX_FEATURES) continue;
    if (!agent.featureIds.includes(word)) agent.featureIds.push(word);
    const hint = CREDENTIALS.get(word);
    if (hint && !agent.credentialHints.includes(hint)) agent.credentialHints.push(hint);
  }
}

// `1.9.8`, `0.0.0-20240102030405-0123456789ab`, `5.15.0+dfsg`
const VERSION = /^\d\w{0,13}(?:[.+~-]\w{1,14})*$/;

/** A version without its `v`; null where the text is neither a version nor a name. */
export function version(text: string | null | undefined): string | null {
  const word = boundedWord(text?.replace(/^v(?=\d)/, ""));
  return word !== null && (VERSION.test(word) || isName(word)) ? word : null;
}

/**
 * A sub-command without arguments and without its release track: `gcloud.beta.run.deploy` is
 * `gcloud.run.deploy`. Null where the text is no such thing.
 */
function canonicalCommand(text: string): string | null {
  const lower = text.slice(0, 100).toLowerCase();
  if (!/^[a-z]/.test(lower) || !isName(text.slice(0, 100))) return null;
  const words = lower.split(".").filter((word) => word !== "");
  return words.filter((word, i) => i !== 1 || !/^(?:alpha|beta|preview)$/.test(word)).join(".");
}

function flag(value: string): boolean | null {
  const lower = value.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : null;
}

function firstOf(value: string): string {
  return value.split(/[/#]/, 1)[0]!;
}
