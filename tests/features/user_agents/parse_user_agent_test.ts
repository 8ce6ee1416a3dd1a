import assert from "node:assert/strict";
import fc from "../../property.ts";
import { parseUserAgent } from "../../../lib/features/user_agents/parse_user_agent.ts";
import type { UserAgent } from "../../../lib/features/user_agents/user_agent.ts";
import {
  awsDriverFamily,
  userAgentFamily,
} from "../../../lib/features/user_agents/user_agent_family.ts";

const GCLOUD = "google-cloud-sdk gcloud/530.0.0";
const TAIL = "client-os/LINUX client-os-ver/6.1 client-pltf-arch/x86_64";
const INVOCATION = "invocation-id/0a1b2c3d4e5f60718293a4b5c6d7e8f9";

/** What a user agent says, and the family of the driver it belongs to. */
const CASES: [text: string, family: string, says: Partial<UserAgent>][] = [
  [
    `${GCLOUD} command/gcloud.compute.instances.list ${INVOCATION} environment/None ` +
    `environment-version/None ${TAIL} interactive/True from-script/False python/3.12.3 ` +
    "term/xterm-256color (Linux 6.1.0),gzip(gfe)",
    "gcloud",
    {
      ...{ tool: "gcloud", kind: "command-line", version: "530.0.0" },
      ...{ command: "gcloud.compute.instances.list", interactive: true, fromScript: false },
      ...{ invocation: "0a1b2c3d4e5f60718293a4b5c6d7e8f9", environment: null, os: "linux" },
      ...{ arch: "x86_64", language: "python", agentName: null, unknownParts: [] },
    },
  ],
  [
    `${GCLOUD} agent-name/claude_code command/gcloud.beta.run.deploy ${INVOCATION} ` +
    `environment/devshell ${TAIL} interactive/False from-script/True python/3.12.3`,
    "agent.claude-code",
    {
      ...{ agentName: "claude-code", agentNameRaw: "claude_code", command: "gcloud.run.deploy" },
      ...{ environment: "devshell", interactive: false, fromScript: true },
    },
  ],
  [
    `${GCLOUD} agent-name/claude-code_2-1-226_agent command/gcloud.auth.list`,
    "agent.claude-code",
    { agentName: "claude-code", agentVersion: "2.1.226" },
  ],
  [
    `${GCLOUD} goog-mcp/agent/gemini-cli/agent-version/0.9.0/mcp-server/gcloud-mcp/mcp-version/` +
    "0.5.2/mcp-tool/run_gcloud_command",
    "agent.gemini-cli",
    {
      ...{ mcp: "google", mcpServer: "gcloud-mcp", mcpVersion: "0.5.2" },
      ...{ mcpTool: "run_gcloud_command", agentName: "gemini-cli", agentVersion: "0.9.0" },
    },
  ],
  ["FirebaseCLI/15.18.0 agent-name/claude_code", "agent.claude-code", {
    tool: "firebase",
    version: "15.18.0",
  }],
  [
    "apitools Python/3.11.8 gsutil/5.27 (linux) analytics/disabled interactive/True command/cp",
    "gcloud",
    { tool: "gsutil", command: "gsutil.cp", interactive: true },
  ],
  ["google-api-python-client command/bq.query.jobs", "gcloud", { tool: "bq" }],
  [
    "aws-cli/2.32.1 md/awscrt#0.28.4 ua/2.1 os/linux#6.1.0 md/arch#x86_64 lang/python#3.13.9 " +
    "md/pyimpl#CPython m/E,n,b,AC cfg/retry-mode#standard md/installer#exe sid/0a1b2c3d4e5f " +
    "md/distrib#ubuntu.24 md/prompt#off md/command#s3api.list-buckets",
    "aws-cli",
    {
      ...{ tool: "aws-cli", version: "2.32.1", command: "s3api.list-buckets" },
      ...{ invocation: "0a1b2c3d4e5f", os: "linux", arch: "x86_64", interactive: null },
      ...{ featureIds: ["E", "n", "b", "AC"], credentialHints: ["profile", "login"] },
      distribution: "ubuntu.24",
    },
  ],
  ["[aws-cli/2.15.0 exec-env/CloudShell md/command#sts.get-caller-identity]", "aws-cli", {
    environment: "CloudShell",
    command: "sts.get-caller-identity",
  }],
  [
    "aws-cli/2.15.0 exec-env/AmazonQ-For-CLI-Version-1.9.1 md/command#ec2.describe-instances",
    "agent.amazon-q",
    { agentName: "amazon-q", agentVersion: "1.9.1" },
  ],
  ["Boto3/1.40.1 md/Botocore#1.40.1 md/awslabs#mcp#aws-api-mcp-server#1.0.9", "mcp.awslabs", {
    mcp: "awslabs",
    mcpServer: "aws-api-mcp-server",
    mcpVersion: "1.0.9",
    sdk: "boto3",
  }],
  ["awslabs/mcp/cdk-mcp-server/1.0.2 Boto3/1.40.1", "mcp.awslabs", {
    mcpServer: "cdk-mcp-server",
  }],
  [
    "Terraform/1.6.4 (+https://www.terraform.io) terraform-provider-google/5.8.0",
    "terraform",
    {
      ...{ tool: "terraform", kind: "infrastructure", version: "1.6.4" },
      providers: [{ name: "google", version: "5.8.0" }],
    },
  ],
  [
    "APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://www.terraform.io) " +
    "terraform-provider-aws/3.76.1 aws-sdk-go/1.44.157 (go1.19.3; linux; amd64) " +
    "stratus-red-team_0a1b2c3d-0a1b-4a1b-8a1b-0a1b2c3d4e5f HashiCorp-terraform-exec/0.17.3",
    "stratus-red-team",
    {
      ...{ tool: "terraform", attackTool: "stratus-red-team", sdk: "aws-sdk-go", os: "linux" },
      language: "go",
    },
  ],
  ["kubectl/v1.28.2 (darwin/amd64) kubernetes/89a4ea3", "kubectl", {
    tool: "kubectl",
    os: "macos",
    version: "1.28.2",
  }],
  [
    "kube-controller-manager/v1.28.2 (linux/amd64) kubernetes/89a4ea3/system:serviceaccount",
    "kube-controller-manager",
    { tool: "kubernetes-controller", kind: "system" },
  ],
  ["Boto3/1.26.165 Python/3.10.6 Linux/5.15.0-1039-aws Botocore/1.29.165", "boto3", {
    tool: "boto3",
    os: "linux",
  }],
  ["[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.488]", "console", { tool: "aws-console" }],
  ["console.ec2.amazonaws.com", "console", { tool: "aws-console" }],
  ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/126", "console", {
    tool: "browser",
    os: "macos",
  }],
  ["GoogleCloudConsole", "console", { tool: "google-console" }],
  ["Google-Deployment-Manager", "deployment-manager", { kind: "infrastructure" }],
  ["google-api-go-client/0.5 gke-metadata-server", "gke-metadata-server", { kind: "system" }],
  ["cloudformation.amazonaws.com", "aws-service", {
    tool: "aws-service",
    service: "cloudformation.amazonaws.com",
  }],
  ["AWS Internal", "aws-internal", { tool: "aws-internal", kind: "service" }],
  ["acme-deployer-7f3a9c21/4.2 (build 991)", "acme-deployer", { tool: "other" }],
  ["", "none", { tool: "none" }],
];

Deno.test("parseUserAgent() reads the forms of both clouds", () => {
  for (const [text, family, says] of CASES) {
    const agent = parseUserAgent(text);
    const told = Object.fromEntries(
      Object.keys(says).map((key) => [key, agent[key as keyof UserAgent]]),
    );
    assert.deepEqual(told, says, text);
    assert.equal(userAgentFamily(agent), family, text);
  }
});

Deno.test("parseUserAgent() keeps unknown parts by name and no value of theirs", () => {
  const agent = parseUserAgent(
    "aws-cli/2.40.0 md/secret-of-mine#hunter2 m/E,ZZ9 brand-new/hunter2",
  );
  assert.deepEqual(agent.unknownParts, ["md:secret-of-mine", "brand-new"]);
  assert.deepEqual(agent.featureIds, ["E", "ZZ9"]);
  assert.doesNotMatch(JSON.stringify(agent), /hunter2/);
});

Deno.test("parseUserAgent() keeps no word that may be an id, an address or a key", () => {
  const secrets = [
    ...["AKIAIOSFODNN7EXAMPLE", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "dana@example.com"],
    ...["4eC39HqLyjWDarjtT1zdp7dc", "d41d8cd98f00b204e9800998ecf8427e"],
  ];
  for (const secret of secrets) {
    const agent = parseUserAgent(
      `aws-cli/${secret} ${secret} acme-${secret}/1 md/${secret} exec-env/${secret} ` +
        `md/command#${secret} mcp-server/${secret} mcp-tool/${secret} claude-code/${secret}`,
    );
    const { version, command, environment, mcpServer, mcpTool, agentVersion } = agent;
    const kept = { version, command, environment, mcpServer, mcpTool, agentVersion };
    assert.doesNotMatch(
      JSON.stringify([kept, agent.unknownParts]).toLowerCase(),
      new RegExp(secret.toLowerCase().slice(-12)),
      secret,
    );
    assert.ok(agent.unknownParts.length > 0, secret);
  }
});

Deno.test("parseUserAgent() keeps the names that clients give", () => {
  const names = "AWS_Lambda_python3.12 AWS_ECS_FARGATE AmazonQ-For-CLI-Version-1.9.1 k8s s3api";
  for (const name of names.split(" ")) {
    assert.equal(parseUserAgent(`aws-sdk-go/1.0 exec-env/${name}`).environment, name);
  }
  for (const version of ["1.9.8", "0.0.0-20240102030405-0123456789ab", "5.15.0+dfsg", "dev"]) {
    assert.equal(parseUserAgent(`Terraform/v${version}`.replace("vd", "d")).version, version);
  }
});

Deno.test("awsDriverFamily() puts services first, then consoles, then the user agent", () => {
  const terraform = parseUserAgent("HashiCorp Terraform/1.9.0 stratus-red-team_1");
  const of = (byService: boolean, fromConsole: boolean) =>
    awsDriverFamily(terraform, { byService, fromConsole });
  assert.deepEqual([of(true, true), of(false, true), of(false, false)], [
    ...["aws-service", "console", "stratus-red-team"],
  ]);
  const internal = parseUserAgent("AWS Internal");
  assert.equal(awsDriverFamily(internal, { byService: false, fromConsole: true }), "console");
});

Deno.test("parseUserAgent() of any text is bounded, and one driver's family is one word", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
    const agent = parseUserAgent(text);
    assert.ok(JSON.stringify(agent).length < 8000);
    assert.match(userAgentFamily(agent), /^[a-z0-9][a-z0-9.-]{0,39}$/);
  }));
  for (const text of ["(".repeat(1e5), "md/a#".repeat(1e5), "agent/x ".repeat(1e5)]) {
    assert.ok(JSON.stringify(parseUserAgent(text)).length < 8000);
  }
});
