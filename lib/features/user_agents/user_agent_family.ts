import { toolMeaning } from "./products.ts";
import type { UserAgent } from "./user_agent.ts";

const MAX_FAMILY = 40;

/**
 * The driver that a user agent belongs to, as one word that stays the same over all its calls:
 * letters, `-` and `.`, at most 40; fit for a label. It tells apart what works side by side for one
 * principal, and holds together what one driver sends. In this order:
 *
 * 1. a known attack tool, whatever it runs: Terraform under `stratus-red-team` is that tool's;
 * 2. an agent that gives its name, whichever client or MCP server it uses: `agent.claude-code`;
 * 3. an MCP server, by whose it is and not by which, since one agent uses several: `mcp.awslabs`;
 * 4. the tool's family: `gcloud` is `gsutil` and `bq` too, `console` is any browser and the cloud's
 *    own console, `aws-sdk-go` is both of its versions;
 * 5. else the first product, without digits, ids and UUIDs; `other` where nothing is left of it, and
 *    `none` where the text names no product.
 *
 * Versions, operating systems, APIs, sub-commands and `interactive` are no part of it: one person's
 * calls differ in them.
 */
export function userAgentFamily(agent: UserAgent): string {
  if (agent.attackTool !== null) return agent.attackTool;
  if (agent.agentName !== null) {
    const name = agent.agentName === "unknown" ? familyWord(agent.agentNameRaw) : agent.agentName;
    return `agent.${name}`.slice(0, MAX_FAMILY);
  }
  if (agent.mcp !== null) return `mcp.${agent.mcp}`;
  const meaning = toolMeaning(agent.tool);
  // another program's name before the library it is made with
  if (meaning !== null && agent.tool !== "client-go" && agent.tool !== "kubernetes-controller") {
    return meaning.family;
  }
  if (agent.tool === "none") return "none";
  const word = familyWord(agent.product);
  return word === "other" || word === "kubernetes" ? meaning?.family ?? word : word;
}

/** Who acts, as CloudTrail's own fields say. */
interface ActingFields {
  /** `userIdentity.invokedBy`, or `type` is `AWSService`. */
  byService: boolean;
  /** `sessionCredentialFromConsole`. */
  fromConsole: boolean;
}

/**
 * The family of the driver of a CloudTrail event. No single field decides; in this order (facts/
 * aws.md): a service that acts (`aws-service`: not the driver's own call), a credential of the
 * console (`console`, also where the user agent is `AWS Internal`), then the user agent.
 */
export function awsDriverFamily(agent: UserAgent, fields: ActingFields): string {
  if (fields.byService || agent.service !== null) return "aws-service";
  return fields.fromConsole ? "console" : userAgentFamily(agent);
}

// What is left of a name that anyone may have chosen: no digits, no ids.
function familyWord(name: string | null): string {
  const words = (name ?? "").toLowerCase().replace(
    /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g,
    "",
  ).split(/[^a-z0-9]+/).filter((word) => !isId(word)).map((word) => word.replace(/\d+/g, ""));
  return words.filter((word) => word !== "").join("-").slice(0, MAX_FAMILY).replace(/-$/, "") ||
    "other";
}

function isId(word: string): boolean {
  const digits = word.replace(/\D/g, "").length;
  return digits >= 3 || (digits > 0 && word.length >= 8) || /^v?\d+$/.test(word) ||
    /^[a-f0-9]{8,}$/.test(word);
}
