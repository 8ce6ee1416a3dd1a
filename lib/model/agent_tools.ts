/**
 * The programs that drive a session for an LLM: their names, as the label `agent.tool` and rules
 * spell them, and what each is called elsewhere. The one table of these names.
 */

/** Name, and other spellings of it; those that differ only in `_`, `-`, `.` or case go without saying. */
const TABLE = [
  ["claude-code", ["claude", "claude-cli", "claudecode", "claude-agent-sdk"]],
  ["codex", [
    "codex-cli",
    "codex-cli-rs",
    "codex-tui",
    "codex-exec",
    "codex-vscode",
    "openai-codex",
  ]],
  ["gemini-cli", ["gemini", "geminicli"]],
  ["cursor", ["cursor-agent", "cursor-cli"]],
  ["cline", ["cline-cli"]],
  ["roo-code", ["roo", "roo-cline"]],
  ["opencode", ["open-code"]],
  ["antigravity", []],
  ["android-studio", ["android-studio-agent"]],
  ["kiro", ["kiro-cli", "kiro-agent"]],
  ["amazon-q", ["amazonq", "amazonq-for-cli", "amazon-q-for-cli", "amazon-q-developer", "q-cli"]],
  ["copilot", ["github-copilot", "copilot-cli", "github-copilot-cli", "copilot-agent"]],
  ["windsurf", ["cascade"]],
  ["aider", ["aider-chat"]],
  ["goose", ["goose-cli", "block-goose"]],
  ["amp", ["ampcode", "amp-cli"]],
  ["crush", ["charm-crush"]],
  ["qwen-code", ["qwen-cli"]],
  ["warp", ["warp-agent", "warp-cli"]],
  ["junie", ["jetbrains-junie", "junie-cli"]],
  ["devin", ["devin-ai"]],
  ["openhands", ["open-hands", "opendevin", "all-hands"]],
  ["swe-agent", ["sweagent"]],
  ["mini-swe-agent", ["minisweagent", "mini-swe"]],
  ["terminus", ["terminus-1", "terminus-2", "harbor-terminus", "terminus2", "harbor-terminus2"]],
] as const satisfies readonly (readonly [name: string, aliases: readonly string[]])[];

/** The values of the label `agent.tool`. */
export type AgentTool = (typeof TABLE)[number][0] | "unknown";

/** All values of the label `agent.tool`, `unknown` last. */
export const AGENT_TOOLS: readonly AgentTool[] = [...TABLE.map(([name]) => name), "unknown"];

const BY_SPELLING: ReadonlyMap<string, AgentTool> = new Map(
  TABLE.flatMap(([name, aliases]) =>
    [name, ...aliases].map((spelling) => [spelling, name] as const)
  ),
);

/** What a name told: the tool, and the version where the name carries one. */
interface NamedAgent {
  tool: AgentTool;
  /** Digits and dots; null where the name has none. */
  version: string | null;
}

/** Characters of a name that are looked at. */
const MAX_NAME = 80;

/**
 * The tool that a name means, whatever its spelling: `claude_code`, `Claude-Code`, and with a
 * version inside, as `AI_AGENT` has it, `claude-code_2-1-226_agent`. A name that is not in the
 * table is `unknown`.
 */
export function agentTool(name: string): NamedAgent {
  const parts = name.slice(0, MAX_NAME).toLowerCase().split(/[^a-z0-9]+/).filter(Boolean);
  const direct = BY_SPELLING.get(parts.join("-"));
  if (direct !== undefined) return { tool: direct, version: null };
  const isNumber = (part: string) => /^v?\d+$/.test(part);
  const numbers = parts.filter(isNumber).map((part) => part.replace("v", ""));
  const words = parts.filter((part) => !isNumber(part));
  const plain = BY_SPELLING.get(words.join("-")) ??
    (words.at(-1) === "agent" ? BY_SPELLING.get(words.slice(0, -1).join("-")) : undefined);
  return {
    tool: plain ?? "unknown",
    version: plain !== undefined && numbers.length > 0 ? numbers.join(".") : null,
  };
}
