/** The closed sets of words that rows, labels and rules share. */

/** Where a session was seen: the value of the label `substrate.kind`. */
export const SUBSTRATES = [
  "teleport-recording",
  "teleport-audit",
  "asciicast",
  "tailscale-recording",
  "gcp-cloud-audit",
  "gcp-gke-k8sio",
  "gcp-iap-tunnel",
  "gcp-os-login",
  "aws-cloudtrail",
  "aws-ssm-session",
] as const;
/** One of {@link SUBSTRATES}. */
export type Substrate = (typeof SUBSTRATES)[number];

/** What sort of access a session was; `pty` is an asciicast. */
export const SESSION_KINDS = ["ssh", "kube", "db", "app", "desktop", "mcp", "pty", "api"] as const;
/** One of {@link SESSION_KINDS}. */
export type SessionKind = (typeof SESSION_KINDS)[number];

/** What a verdict, a feature, a label or a hit can be about. */
export const SUBJECT_KINDS = ["session", "segment", "activity"] as const;
/** One of {@link SUBJECT_KINDS}. */
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** How the sessions of an activity lie: none beside another, or some. */
export const ACTIVITY_RELATIONS = ["in-a-row", "side-by-side"] as const;
/** One of {@link ACTIVITY_RELATIONS}. */
export type ActivityRelation = (typeof ACTIVITY_RELATIONS)[number];

/** The values of the label `operator.type`; `mixed`: the driver changed in mid-session. */
export const OPERATOR_TYPES = ["human", "agent", "automation", "mixed", "unknown"] as const;
/** One of {@link OPERATOR_TYPES}. */
export type OperatorType = (typeof OPERATOR_TYPES)[number];

/** The classes that rules vote for, and over which a score is a distribution. */
export const DRIVER_CLASSES = ["human", "agent", "automation"] as const;
/** One of {@link DRIVER_CLASSES}. */
export type DriverClass = (typeof DRIVER_CLASSES)[number];

/** Who may write a verdict. */
export const VERDICT_WRITERS = ["phase1", "phase2"] as const;
/** One of {@link VERDICT_WRITERS}. */
export type VerdictWriter = (typeof VERDICT_WRITERS)[number];

/** What became of a recording. */
export const RECORDING_STATES = [
  "parsed",
  "pending",
  "missing",
  "truncated",
  "encrypted",
  "unsupported",
  "failed",
] as const;
/** One of {@link RECORDING_STATES}. */
export type RecordingState = (typeof RECORDING_STATES)[number];

/** Why a session has no recording at all. */
export const NO_RECORDING_REASONS = ["off", "not-interactive", "expired", "unknown"] as const;
/** One of {@link NO_RECORDING_REASONS}. */
export type NoRecordingReason = (typeof NO_RECORDING_REASONS)[number];

/**
 * Cohorts: why the question "person, script or agent?" does not fit a session, or its evidence
 * does not suffice. The set is open (a pack may add to it); these are the ones of the house.
 */
export const COHORTS = [
  "insufficient-data",
  "single-shot",
  "kube",
  "db",
  "app",
  "desktop",
  "teleport-bot",
  "sa-only",
  "gke-exec-opaque",
  "iap-tunnel-only",
  "managed-shell",
  "polling",
  "ec2-instance-role",
  "eks-pod-identity",
  "lambda",
  "ci-oidc",
  "google-service-agent",
  "aws-service",
] as const;

/** Cohorts that are `automation` by construction: what a cloud does to itself. */
export const AUTOMATION_COHORTS = ["google-service-agent", "aws-service"] as const;

/** The values of the label `routing.phase2`. */
export const PHASE2_ROUTES = ["pty", "call-graph", "none"] as const;
/** One of {@link PHASE2_ROUTES}. */
export type Phase2Route = (typeof PHASE2_ROUTES)[number];

/** The values of the label `work.kind`. */
export const WORK_KINDS = [
  ...["deploy", "debug", "exploration", "maintenance", "automation", "data-exfil"] as const,
  "unknown" as const,
];
/** One of {@link WORK_KINDS}. */
export type WorkKind = (typeof WORK_KINDS)[number];

/** The values of the label `risk.level`, from harmless to grave. */
export const RISK_LEVELS = ["none", "low", "medium", "high", "critical"] as const;
/** One of {@link RISK_LEVELS}. */
export type RiskLevel = (typeof RISK_LEVELS)[number];
