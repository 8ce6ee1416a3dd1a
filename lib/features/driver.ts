import { awsDriverFamily, userAgentFamily } from "./user_agents/user_agent_family.ts";
import type { UserAgent } from "./user_agents/user_agent.ts";

/** Who made a call, as far as its log's own fields tell. */
export interface DriverFields {
  /** AWS: the service that acted on the principal's behalf, else null. */
  invokedBy: string | null;
  /** AWS: made with a credential of the console. */
  console: boolean;
  /** Address, `private`, or the name of a service. */
  address: string | null;
}

const MAX_ADDRESS = 64;
const SERVICE = /^[a-z0-9.-]{1,80}\.(?:amazonaws\.com|amazonaws\.com\.cn|amazon\.com)$/i;

/**
 * What acted for a principal, the same text over all its calls: the family of its software and the
 * address, `terraform 203.0.113.7`. A service that acts is named by itself (`aws-service
 * cloudformation.amazonaws.com`) and comes first, then a credential of the console, an attack
 * tool's marker, and the user agent's tool (facts/aws.md). The address is left out with
 * `withAddress: false`.
 */
export function driverText(
  agent: UserAgent,
  { invokedBy, console, address }: DriverFields,
  { withAddress }: { withAddress: boolean },
): string {
  const service = serviceName(invokedBy) ?? serviceName(agent.service);
  const byService = invokedBy !== null || (service !== null && agent.kind === "service");
  const family = byService || console
    ? awsDriverFamily(agent, { byService, fromConsole: console })
    : agent.service !== null
    ? "aws-service"
    : userAgentFamily(agent);
  const place = family === "aws-service"
    ? service ?? serviceName(address)
    : withAddress
    ? addressWord(address)
    : null;
  return place === null ? family : `${family} ${place}`;
}

function serviceName(text: string | null): string | null {
  return text !== null && SERVICE.test(text) ? text.toLowerCase() : null;
}

// an address may be any text; what is kept of it has no character that could be mistaken
function addressWord(address: string | null): string | null {
  const word = address?.slice(0, MAX_ADDRESS).replace(/[^A-Za-z0-9.:_-]+/g, "") ?? "";
  return word === "" ? null : word;
}
