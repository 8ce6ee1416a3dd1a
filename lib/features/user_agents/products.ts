/**
 * What the products of user agents mean: data, not code. To know another tool, add a line.
 */

/** What sort of software speaks, strongest claim to be the driver first. */
const USER_AGENT_KINDS = [
  "service",
  "infrastructure",
  "command-line",
  "system",
  "attack-tool",
  "auditor",
  "console",
  "http-client",
  "library",
  "other",
  "none",
] as const;
export type UserAgentKind = (typeof USER_AGENT_KINDS)[number];

type Entry = readonly [
  tool: string,
  /** Drivers of one family are not told apart: `gsutil` is a part of what `gcloud` came with. */
  family: string,
  /** Product names in lower case; one that ends with `*` is a prefix. */
  products: string,
];

const SERVICE = [
  ["aws-service", "aws-service", ""],
] as const satisfies readonly Entry[];

const INFRASTRUCTURE = [
  ["terraform", "terraform", "terraform"],
  ["opentofu", "opentofu", "opentofu"],
  ["pulumi", "pulumi", "pulumi pulumi-*"],
  ["aws-cdk", "aws-cdk", "aws-cdk cdk aws-cdk-*"],
  ["ansible", "ansible", "ansible ansible-* google-ansible-*"],
  ["packer", "packer", "packer"],
  ["crossplane", "crossplane", "crossplane crossplane-* upjet*"],
  ["config-connector", "config-connector", "kcc cnrm kcc-*"],
  ["deployment-manager", "deployment-manager", "google-deployment-manager"],
  ["cloud-custodian", "cloud-custodian", "cloudcustodian cloud-custodian c7n"],
  ["serverless", "serverless", "serverless serverlessframework"],
  ["terraform-exec", "terraform", "hashicorp-terraform-exec terraform-exec"],
] as const satisfies readonly Entry[];

const COMMAND_LINE = [
  ["gsutil", "gcloud", "gsutil"],
  ["bq", "gcloud", "bq"],
  ["gcloud", "gcloud", "gcloud google-cloud-sdk"],
  ["firebase", "firebase", "firebasecli firebase-tools"],
  ["aws-cli", "aws-cli", "aws-cli"],
  ["aws-sam", "aws-sam", "aws-sam-cli aws-toolkit-sam"],
  ["aws-toolkit", "aws-toolkit", "aws-toolkit-for-* aws-toolkit-*"],
  ["aws-powershell", "aws-powershell", "awspowershell awspowershell.*"],
  ["eksctl", "eksctl", "eksctl"],
  ["kubectl", "kubectl", "kubectl kubectl-* kubectl.* gke-gcloud-auth-plugin"],
  ["helm", "helm", "helm"],
  ["k9s", "k9s", "k9s"],
  ["gcsfuse", "gcsfuse", "gcsfuse"],
  ["rclone", "rclone", "rclone"],
  ["s3cmd", "s3cmd", "s3cmd"],
] as const satisfies readonly Entry[];

const SYSTEM = [
  ["ssm-agent", "ssm-agent", "amazon-ssm-agent"],
  ["ecs-agent", "ecs-agent", "amazon-ecs-agent amazon-ecs-init"],
  ["cloudwatch-agent", "cloudwatch-agent", "cwagent amazon-cloudwatch-agent"],
  ["gke-metadata-server", "gke-metadata-server", "gke-metadata-server"],
  ["google-guest-agent", "google-guest-agent", "google-guest-agent googleosconfigagent"],
  ["cloud-sql-proxy", "cloud-sql-proxy", "cloud-sql-proxy cloud_sql_proxy cloudsqlproxy"],
  [
    "kubernetes-controller",
    "kubernetes-controller",
    "kube-controller-manager kube-scheduler kube-probe kube-proxy kube-apiserver kubelet " +
    "cluster-autoscaler cloud-controller-manager gke-* glbc kube-state-metrics " +
    "aws-load-balancer-controller karpenter external-dns cert-manager*",
  ],
] as const satisfies readonly Entry[];

const ATTACK_TOOLS = [
  ["stratus-red-team", "stratus-red-team", "stratus-red-team stratus-red-team_*"],
  ["pacu", "pacu", "pacu"],
  ["cloudfox", "cloudfox", "cloudfox"],
  ["trufflehog", "trufflehog", "trufflehog"],
  ["leonidas", "leonidas", "leonidas"],
  ["nuclei", "nuclei", "nuclei"],
  ["s3scanner", "s3scanner", "s3scanner"],
] as const satisfies readonly Entry[];

const AUDITORS = [
  ["prowler", "prowler", "prowler"],
  ["scoutsuite", "scoutsuite", "scoutsuite scout"],
  ["steampipe", "steampipe", "steampipe steampipe-*"],
  ["cloudquery", "cloudquery", "cloudquery"],
] as const satisfies readonly Entry[];

const CONSOLES = [
  [
    "aws-console",
    "console",
    "s3console console aws-console aws.console awsconsole console.* aws-cloudshell-console " +
    "signin.amazonaws.com signin.aws.amazon.com",
  ],
  ["google-console", "console", "googlecloudconsole google-cloud-console cloudconsole"],
] as const satisfies readonly Entry[];

const BROWSERS = [
  ["browser", "console", "mozilla opera"],
] as const satisfies readonly Entry[];

const HTTP_CLIENTS = [
  ["curl", "curl", "curl libcurl"],
  ["wget", "wget", "wget"],
  ["postman", "postman", "postmanruntime"],
  ["python-requests", "python-requests", "python-requests"],
  [
    "python-urllib",
    "python-urllib",
    "python-urllib python-urllib3 urllib3 python-httplib2 httpx aiohttp",
  ],
  ["go-http-client", "go-http-client", "go-http-client go-resty"],
  ["node-fetch", "node-fetch", "node-fetch axios undici got node"],
  ["okhttp", "okhttp", "okhttp"],
  ["powershell", "powershell", "windowspowershell powershell"],
] as const satisfies readonly Entry[];

const LIBRARIES = [
  ["aws-internal", "aws-internal", "aws-internal"],
  ["boto3", "boto3", "boto3 botocore aiobotocore boto aioboto3"],
  ["aws-sdk-go", "aws-sdk-go", "aws-sdk-go aws-sdk-go-v2"],
  ["aws-sdk-java", "aws-sdk-java", "aws-sdk-java aws-sdk-android"],
  ["aws-sdk-js", "aws-sdk-js", "aws-sdk-js aws-sdk-nodejs"],
  ["aws-sdk-ruby", "aws-sdk-ruby", "aws-sdk-ruby*"],
  ["aws-sdk-rust", "aws-sdk-rust", "aws-sdk-rust"],
  ["aws-sdk-dotnet", "aws-sdk-dotnet", "aws-sdk-dotnet*"],
  ["aws-sdk-php", "aws-sdk-php", "aws-sdk-php*"],
  ["aws-sdk-cpp", "aws-sdk-cpp", "aws-sdk-cpp"],
  ["aws-sdk-kotlin", "aws-sdk-kotlin", "aws-sdk-kotlin"],
  ["aws-sdk-swift", "aws-sdk-swift", "aws-sdk-swift"],
  [
    "google-python",
    "google-python",
    "google-api-python-client gl-python gcloud-python google-auth-library-python apitools " +
    "google-cloud-python",
  ],
  ["google-go", "google-go", "google-api-go-client gl-go gcloud-golang* google-cloud-go*"],
  [
    "google-java",
    "google-java",
    "google-api-java-client google-http-java-client gl-java gcloud-java",
  ],
  [
    "google-node",
    "google-node",
    "google-api-nodejs-client gl-node gcloud-node* google-cloud-node*",
  ],
  [
    "google-other",
    "google-other",
    "gl-dotnet gl-ruby gl-php google-api-dotnet-client google-api-ruby-client",
  ],
  ["client-go", "client-go", "client-go kubernetes"],
  [
    "grpc",
    "grpc",
    "grpc-go grpc-python grpc-java grpc-java-* grpc-node grpc-node-js grpc-c++ grpc-c",
  ],
] as const satisfies readonly Entry[];

const GROUPS = [
  [SERVICE, "service"],
  [INFRASTRUCTURE, "infrastructure"],
  [COMMAND_LINE, "command-line"],
  [SYSTEM, "system"],
  [ATTACK_TOOLS, "attack-tool"],
  [AUDITORS, "auditor"],
  [CONSOLES, "console"],
  [BROWSERS, "console"],
  [HTTP_CLIENTS, "http-client"],
  [LIBRARIES, "library"],
] as const;

/** The names a user agent's tool can have; `none`: the text names no product. */
export type UserAgentTool = (typeof GROUPS)[number][0][number][0] | "other" | "none";

/** What one product says. */
interface ProductMeaning {
  tool: UserAgentTool;
  family: string;
  kind: UserAgentKind;
  /** Where several products are known, that of the lowest rank names the tool. */
  rank: number;
}

const MEANINGS: readonly (ProductMeaning & { products: string })[] = GROUPS.flatMap(
  ([entries, kind]) =>
    entries.map(([tool, family, products]) => ({ tool, family, kind, products })),
).map((meaning, rank) => ({ ...meaning, rank }));

const BY_TOOL: ReadonlyMap<UserAgentTool, ProductMeaning> = new Map(
  MEANINGS.map((meaning) => [meaning.tool, meaning]),
);
const BY_PRODUCT = new Map<string, ProductMeaning>();
const BY_PREFIX: [prefix: string, meaning: ProductMeaning][] = [];
for (const meaning of MEANINGS) {
  for (const product of meaning.products.split(" ").filter(Boolean)) {
    if (product.endsWith("*")) BY_PREFIX.push([product.slice(0, -1), meaning]);
    else BY_PRODUCT.set(product, meaning);
  }
}

/** What a product's name means; null where the table has none. Case does not matter. */
export function productMeaning(name: string): ProductMeaning | null {
  const lower = name.toLowerCase();
  return BY_PRODUCT.get(lower) ??
    BY_PREFIX.find(([prefix]) => lower.startsWith(prefix))?.[1] ??
    (lower.endsWith("console") ? toolMeaning("aws-console") : null);
}

/** What the table says of a tool; null for `other` and `none`. */
export function toolMeaning(tool: UserAgentTool): ProductMeaning | null {
  return BY_TOOL.get(tool) ?? null;
}

/** Products that go without saying: parts of known clients that name no driver. */
export const SILENT_PRODUCTS: ReadonlySet<string> = new Set(
  ("apn hashicorp gecko firefox applewebkit chrome safari version edg edge " +
    "mobile headlesschrome electron gzip gfe python linux macos darwin windows java openjdk " +
    "openjdk_64-bit_server_vm vendor cfg ua os lang md m api exec-env sid app ft internal analytics " +
    "waiter s3manager callback gax gapic gccl gdcl grpc gl auth cred-type promise scala kotlin ruby")
    .split(" "),
);
