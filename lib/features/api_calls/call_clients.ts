import type { CallFeatures } from "../../model/call_features.ts";
import type { AgentFacts, CallMinute } from "../../model/call_minute.ts";
import type { SeenCall } from "./seen_call.ts";
import { share } from "./share.ts";
import { Tally } from "./tally.ts";

/** Tools that are the cloud's console, or a browser on it. */
const CONSOLES: ReadonlySet<string> = new Set(["aws-console", "google-console", "browser"]);

type CallClientFeatures = Pick<
  CallFeatures,
  | "call_impersonation_depth"
  | "call_addresses"
  | "call_user_agents"
  | "call_tools"
  | "call_command_names"
  | "call_targets"
  | "call_interactive_share"
  | "call_from_script_share"
  | "call_console_share"
  | "call_agent_named"
  | "call_mcp"
  | "call_attack_tool"
  | "call_long_lived_key"
  | "call_mfa"
>;

/** What most calls say of the software that made them; null: none says it. */
export interface ClientNames {
  tool: string | null;
  agent: string | null;
  mcpServer: string | null;
  attackTool: string | null;
  environment: string | null;
  /** Feature ids and parts that nobody knows yet, of all calls, joined by dots; the short ones first. */
  marks: string | null;
}

/** Marks that are told apart, and characters of them that a label holds. */
const MAX_MARKS = 256;
const MAX_MARK_TEXT = 63;

/** With what software, from where and with what credentials calls were made. */
export class CallClients {
  readonly #addresses = new Tally();
  readonly #userAgents = new Tally();
  readonly #targets = new Tally();
  readonly #commands = new Tally();
  readonly #names = {
    tool: new Tally(),
    agent: new Tally(),
    mcpServer: new Tally(),
    attackTool: new Tally(),
    environment: new Tally(),
  };
  readonly #interactive = { yes: 0, known: 0 };
  readonly #fromScript = { yes: 0, known: 0 };
  readonly #marks = new Set<string>();
  #console = 0;
  #calls = 0;
  #depth: number | null = null;
  #longLivedKey: boolean | null = null;
  #mfa: boolean | null = null;

  addMinute({ target, facts }: CallMinute): void {
    for (const address of facts.addresses) this.#addresses.add(address);
    for (const agent of facts.agents) this.#userAgents.add(JSON.stringify(agent));
    if (target !== null) this.#targets.add(target);
    if (facts.delegations !== null) this.#depth = Math.max(this.#depth ?? 0, facts.delegations);
    if (facts.longLivedKey !== null) this.#longLivedKey ||= facts.longLivedKey;
    if (facts.mfa !== null) this.#mfa ||= facts.mfa;
  }

  add({ agent, console }: SeenCall): void {
    this.#calls += 1;
    if (console || (agent !== null && CONSOLES.has(agent.tool))) this.#console += 1;
    if (agent !== null) this.#addAgent(agent);
  }

  finish(): CallClientFeatures {
    return {
      call_impersonation_depth: this.#depth,
      call_addresses: this.#addresses.distinct,
      call_user_agents: this.#userAgents.distinct,
      call_tools: this.#names.tool.distinct,
      call_command_names: this.#commands.distinct,
      call_targets: this.#targets.distinct,
      call_interactive_share: share(this.#interactive.yes, this.#interactive.known),
      call_from_script_share: share(this.#fromScript.yes, this.#fromScript.known),
      call_console_share: share(this.#console, this.#calls),
      call_agent_named: this.#names.agent.distinct > 0,
      call_mcp: this.#names.mcpServer.distinct > 0,
      call_attack_tool: this.#names.attackTool.distinct > 0,
      call_long_lived_key: this.#longLivedKey,
      call_mfa: this.#mfa,
    };
  }

  /** The commonest of each kind of name. */
  names(): ClientNames {
    const { tool, agent, mcpServer, attackTool, environment } = this.#names;
    return {
      tool: tool.commonest(),
      agent: agent.commonest(),
      mcpServer: mcpServer.commonest(),
      attackTool: attackTool.commonest(),
      environment: environment.commonest(),
      marks: this.#markText(),
    };
  }

  #markText(): string | null {
    const marks = [...this.#marks].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    let text = "";
    for (const mark of marks) {
      if (text.length + mark.length >= MAX_MARK_TEXT) break;
      text = text === "" ? mark : `${text}.${mark}`;
    }
    return text === "" ? null : text;
  }

  #addAgent(agent: AgentFacts): void {
    for (const name of ["tool", "agent", "mcpServer", "attackTool", "environment"] as const) {
      const word = agent[name];
      if (word !== null) this.#names[name].add(word);
    }
    for (const mark of agent.marks?.split(" ") ?? []) {
      if (this.#marks.size < MAX_MARKS) this.#marks.add(mark);
    }
    if (agent.command !== null) this.#commands.add(agent.command);
    if (agent.interactive !== null) count(this.#interactive, agent.interactive);
    if (agent.fromScript !== null) count(this.#fromScript, agent.fromScript);
  }
}

function count(of: { yes: number; known: number }, value: boolean): void {
  of.known += 1;
  if (value) of.yes += 1;
}
