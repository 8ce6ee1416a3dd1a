import { agentTool } from "../../model/agent_tools.ts";
import { noteComment } from "./platform.ts";
import { noteAgent, noteMcp, noteMetadata, PARTS, version } from "./product_parts.ts";
import { productMeaning, SILENT_PRODUCTS, toolMeaning, type UserAgentTool } from "./products.ts";
import { emptyUserAgent, type UserAgent } from "./user_agent.ts";
import { boundedWord, nameWord, type ProductToken, userAgentTokens } from "./user_agent_tokens.ts";

const MAX_UNKNOWN = 16;
const MAX_PROVIDERS = 8;
const PROVIDER = /^(?:terraform-provider-|pulumi-)(?=.)/i;
const AWS_SERVICE = /^(?!console\.|signin\.)[a-z0-9.-]{1,80}\.amazonaws\.com(?:\.cn)?$/i;
const MCP_NAME = /(?:^|[._-])mcp(?:[._-]|$)/i;

/**
 * Reads a user agent of Google Cloud or AWS. Total: any text gives a result, in time linear in the
 * 4,096 characters that are looked at; see {@link UserAgent} for what may come out.
 */
export function parseUserAgent(text: string): UserAgent {
  const { products, comments } = userAgentTokens(text);
  const agent = emptyUserAgent();
  const reading: Reading = { agent, versions: new Map(), unknown: new Set() };
  agent.product = boundedWord(products[0]?.name);
  if (isService(products)) return serviceAgent(agent, products);
  for (const product of products) noteProduct(reading, product);
  for (const comment of comments) noteComment(agent, comment);
  settleTool(reading, products.length > 0);
  settleCommand(agent);
  agent.unknownParts = [...reading.unknown].slice(0, MAX_UNKNOWN);
  return agent;
}

interface Reading {
  agent: UserAgent;
  /** The first version each tool was seen with. */
  versions: Map<UserAgentTool, string | null>;
  unknown: Set<string>;
}

function noteProduct(reading: Reading, { name, value }: ProductToken): void {
  const { agent } = reading;
  const lower = name.toLowerCase();
  if (lower === "md") return noteUnknown(reading, noteMetadata(agent, value ?? ""), "md:");
  const part = value === null ? undefined : PARTS.get(lower);
  part?.(agent, value!);
  if (lower === "command" && /^bq\./i.test(value ?? "")) mark(reading, "bq", null);
  if (PROVIDER.test(name)) noteProvider(reading, name, value);
  else {
    const meaning = productMeaning(name);
    if (meaning !== null) return mark(reading, meaning.tool, version(value));
    if (part !== undefined || SILENT_PRODUCTS.has(lower)) return;
    if (agentTool(name).tool !== "unknown") return noteAgentProduct(agent, name, value);
    if (MCP_NAME.test(name)) return noteMcpProduct(agent, name, value);
    noteUnknown(reading, name, "");
  }
}

function noteAgentProduct(agent: UserAgent, name: string, value: string | null): void {
  noteAgent(agent, name);
  agent.agentVersion ??= version(value);
}

function noteMcpProduct(agent: UserAgent, name: string, value: string | null): void {
  const family = /^awslabs\b/i.test(name) ? "awslabs" : "other";
  noteMcp(agent, family, { server: name, version: value ?? undefined });
}

function noteProvider(reading: Reading, name: string, value: string | null): void {
  const { providers } = reading.agent;
  const short = boundedWord(name.replace(PROVIDER, ""));
  if (short !== null && providers.length < MAX_PROVIDERS) {
    providers.push({ name: short, version: version(value) });
  }
  mark(reading, /^t/i.test(name) ? "terraform" : "pulumi", null);
}

function noteUnknown(reading: Reading, name: string | null, prefix: string): void {
  const word = nameWord(name);
  if (word !== null) reading.unknown.add(prefix + word);
}

function mark({ agent, versions }: Reading, tool: UserAgentTool, version: string | null): void {
  if (!agent.markers.includes(tool)) agent.markers.push(tool);
  versions.set(tool, versions.get(tool) ?? version);
}

// The tool is the known product with the strongest claim.
function settleTool({ agent, versions }: Reading, anything: boolean): void {
  const known = agent.markers.map((tool) => toolMeaning(tool)!).sort((a, b) => a.rank - b.rank);
  agent.tool = known[0]?.tool ?? (anything ? "other" : "none");
  agent.kind = known[0]?.kind ?? (anything ? "other" : "none");
  agent.version = versions.get(agent.tool) ?? null;
  agent.sdk = agent.markers.find((tool) => toolMeaning(tool)?.kind === "library") ?? null;
  agent.attackTool = agent.markers.find((tool) => toolMeaning(tool)?.kind === "attack-tool") ??
    null;
}

// gsutil appends its flags: `rewrite-k`.
function settleCommand(agent: UserAgent): void {
  if (agent.tool !== "gsutil" || agent.command === null) return;
  agent.command = `gsutil.${agent.command.split(/[.-]/, 1)[0]}`;
}

function isService(products: readonly ProductToken[]): boolean {
  const names = products.map(({ name, value }) => value === null ? name.toLowerCase() : "");
  if (names.length === 2) return names[0] === "aws" && names[1] === "internal";
  return names.length === 1 && AWS_SERVICE.test(names[0]!);
}

function serviceAgent(agent: UserAgent, products: readonly ProductToken[]): UserAgent {
  const tool = products.length === 2 ? "aws-internal" : "aws-service";
  const service = products.length === 1 ? boundedWord(products[0]!.name.toLowerCase(), 100) : null;
  return { ...agent, tool, kind: "service", markers: [tool], service };
}
