import type { Substrate } from "../../model/vocabulary.ts";
import type { SeenCall } from "./seen_call.ts";

/** Kinds of notable events: calls that open, or end, a session that is not in this log. */
const CALL_EDGES = [
  "gke-exec",
  "gke-attach",
  "gke-port-forward",
  "iap-tunnel",
  "os-login",
  "cloud-shell",
  "workstation",
  "serial-console",
  "ssm-session",
  "ssm-session-resumed",
  "ssm-session-ended",
  "ec2-instance-connect",
  "ecs-exec",
  "console-sign-in",
  "console-switch-role",
] as const;
export type CallEdge = (typeof CALL_EDGES)[number];

/** Which methods (`service/method`) are edges (facts/gcp.md, facts/aws.md); the first counts. */
const METHODS: readonly (readonly [RegExp, CallEdge])[] = [
  [/^k8s\.io\/(?:.+\.)?pods\.exec\./, "gke-exec"],
  [/^k8s\.io\/(?:.+\.)?pods\.attach\./, "gke-attach"],
  [/^k8s\.io\/(?:.+\.)?pods\.portforward\./, "gke-port-forward"],
  [/^iap\.googleapis\.com\/(?:.+\.)?AuthorizeUser$/, "iap-tunnel"],
  [/^oslogin\.googleapis\.com\/(?:.+\.)?(?:CheckPolicy|StartSession|ContinueSession)$/, "os-login"],
  [/^cloudshell\.googleapis\.com\//, "cloud-shell"],
  [
    /^workstations\.googleapis\.com\/(?:.+\.)?(?:StartWorkstation|StopWorkstation|GenerateAccessToken)$/,
    "workstation",
  ],
  [/^ssh-serialport\.googleapis\.com\//, "serial-console"],
  [/^ssm\.amazonaws\.com\/StartSession$/, "ssm-session"],
  [/^ssm\.amazonaws\.com\/ResumeSession$/, "ssm-session-resumed"],
  [/^ssm\.amazonaws\.com\/TerminateSession$/, "ssm-session-ended"],
  [
    /^ec2-instance-connect\.amazonaws\.com\/(?:SendSSHPublicKey|OpenTunnel)$/,
    "ec2-instance-connect",
  ],
  [/^ec2-instance-connect\.amazonaws\.com\/SendSerialConsoleSSHPublicKey$/, "serial-console"],
  [/^ecs\.amazonaws\.com\/ExecuteCommand$/, "ecs-exec"],
  [
    /^cloudshell\.amazonaws\.com\/(?:CreateSession|CreateEnvironment|StartEnvironment)$/,
    "cloud-shell",
  ],
  [/^signin\.amazonaws\.com\/ConsoleLogin$/, "console-sign-in"],
  [/^signin\.amazonaws\.com\/SwitchRole$/, "console-switch-role"],
];

/** IAP lets people into web applications too: these kinds of resource are no instance. */
const WEB_RESOURCES =
  /^(?:apps?|services?|versions|backendServices|gae_app|iap_web|gce_backend_service)$/;

/** What a call opens or ends elsewhere; null: nothing. */
export function edgeOf({ method, resourceKind }: Pick<SeenCall, "method" | "resourceKind">) {
  const edge = METHODS.find(([pattern]) => pattern.test(method))?.[1] ?? null;
  return edge === "iap-tunnel" && WEB_RESOURCES.test(resourceKind ?? "") ? null : edge;
}

/** Substrates that sessions are called by which hold nothing else. */
const CLOSER:
  readonly (readonly [Substrate, (call: SeenCall, edge: CallEdge | null) => boolean])[] = [
    ["gcp-gke-k8sio", ({ service }) => service === "k8s.io"],
    ["gcp-os-login", ({ service }) => service === "oslogin.googleapis.com"],
    // OS Login lets into the instance that the tunnel leads to
    ["gcp-iap-tunnel", (_, edge) => edge === "iap-tunnel" || edge === "os-login"],
    ["aws-ssm-session", (_, edge) => edge?.startsWith("ssm-session") ?? false],
  ];

/** Tells by its calls whether a session stands alone as one of an edge. */
export class StandAlone {
  #left: typeof CLOSER = CLOSER;

  add(call: SeenCall, edge: CallEdge | null): void {
    if (this.#left.length === 0) return;
    this.#left = this.#left.filter(([, fits]) => fits(call, edge));
  }

  /** The substrate that all calls so far fit; null: none, or there was no call. */
  substrate(): Substrate | null {
    return this.#left.length === CLOSER.length ? null : this.#left[0]?.[0] ?? null;
  }
}
