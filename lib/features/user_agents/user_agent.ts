import type { AgentTool } from "../../model/agent_tools.ts";
import type { UserAgentKind, UserAgentTool } from "./products.ts";

/** What a client's credentials came from, as the AWS clients say in `m/…`. */
const CREDENTIAL_HINTS = [
  "code",
  "environment",
  "profile",
  "sso",
  "login",
  "assume-role",
  "web-identity",
  "process",
  "http",
  "instance-metadata",
] as const;
export type CredentialHint = (typeof CREDENTIAL_HINTS)[number];

/** Operating systems and processors, as far as user agents tell them apart. */
export type OperatingSystem =
  | "linux"
  | "macos"
  | "windows"
  | "android"
  | "ios"
  | "chromeos"
  | "freebsd";
export type Architecture = "x86_64" | "arm64" | "x86" | "arm";

/** A product with its version, both bounded words. */
interface NamedVersion {
  name: string;
  version: string | null;
}

/**
 * What a user agent says of the driver. Set by the client: evidence, never proof. Everything is a
 * name from a closed list, a flag, or a bounded word of `[A-Za-z0-9._+~:@-]`; null is "not said".
 * Forms and their meaning: facts/user_agents.md.
 */
export interface UserAgent {
  /** Who speaks, by the product with the strongest claim: Terraform before the SDK inside it. */
  tool: UserAgentTool;
  kind: UserAgentKind;
  version: string | null;
  /** The first product, as spelled; for what the table does not know. */
  product: string | null;
  /** `gcloud.compute.instances.list` (release track left out), `gsutil.cp`, `s3api.list-buckets`. */
  command: string | null;
  /** Standard input and error are terminals (`interactive/True`). */
  interactive: boolean | null;
  /** Started by a script (`from-script/True`). */
  fromScript: boolean | null;
  /** What groups calls: gcloud's `invocation-id` (one process), the AWS CLI's `sid` (one shell). */
  invocation: string | null;
  /** Where it runs: `devshell` (Cloud Shell), `CloudShell`, `AWS_Lambda_python3.12`, …. */
  environment: string | null;
  /** The agent that says it is there; null where none does, `unknown` where the name is new. */
  agentName: AgentTool | null;
  agentNameRaw: string | null;
  agentVersion: string | null;
  /** The model that an agent says it runs. */
  model: string | null;
  /** Whose family of MCP servers: `google`, `awslabs`, `other`; null where no server says so. */
  mcp: "google" | "awslabs" | "other" | null;
  mcpServer: string | null;
  mcpVersion: string | null;
  mcpTool: string | null;
  os: OperatingSystem | null;
  arch: Architecture | null;
  /** The library under the tool (`boto3`, `aws-sdk-go`, `google-python`). */
  sdk: UserAgentTool | null;
  language: string | null;
  /** The distribution of Linux, as the AWS CLI spells it. */
  distribution: string | null;
  /** `m/…` of AWS clients, id by id as spelled, unknown ones too; at most 64. */
  featureIds: string[];
  credentialHints: CredentialHint[];
  /** `app/…`: a name that whoever configured the client gave it. */
  app: string | null;
  /** A known attack tool's name, whatever the tool: Terraform run by one has both. */
  attackTool: UserAgentTool | null;
  /** Providers of Terraform and Pulumi; at most 8. */
  providers: NamedVersion[];
  /** The AWS service that called: `cloudformation.amazonaws.com`. */
  service: string | null;
  /** All tools of the table that the text names, in its order. */
  markers: UserAgentTool[];
  /**
   * Names (no values) of parts that nothing here knows, in order, each once; at most 16. Of one
   * that may hold an id or a key, what is before that; `unnamed` where nothing is.
   */
  unknownParts: string[];
}

/** A user agent of which nothing is known yet. */
export function emptyUserAgent(): UserAgent {
  return {
    ...{ tool: "none", kind: "none", version: null, product: null, command: null },
    ...{ interactive: null, fromScript: null, invocation: null, environment: null },
    ...{ agentName: null, agentNameRaw: null, agentVersion: null, model: null },
    ...{ mcp: null, mcpServer: null, mcpVersion: null, mcpTool: null },
    ...{ os: null, arch: null, sdk: null, language: null, distribution: null },
    ...{ featureIds: [], credentialHints: [], app: null, attackTool: null, providers: [] },
    ...{ service: null, markers: [], unknownParts: [] },
  };
}
