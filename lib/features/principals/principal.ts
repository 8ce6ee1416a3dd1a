/** What sort of identity a principal is; the value of `gcp.principal.type`. */
type GcpPrincipalType =
  | "user"
  | "service-account"
  | "service-agent"
  | "workforce"
  | "workload"
  | "ci-oidc"
  | "kubernetes-service-account"
  | "kubernetes-node"
  | "kubernetes-system"
  | "kubernetes-user"
  | "unknown";

/** The value of `aws.principal.type`. */
export type AwsPrincipalType =
  | "root"
  | "iam-user"
  | "sso"
  | "assumed-role"
  | "saml-user"
  | "web-identity"
  | "federated-user"
  | "identity-center-user"
  | "ec2-instance-role"
  | "eks-pod-identity"
  | "ecs-task-role"
  | "ci-oidc"
  | "code-build"
  | "service-linked-role"
  | "aws-service"
  | "aws-account"
  | "unknown";

/** What a principal's own fields say of it. */
export interface PrincipalFacts {
  principalType: GcpPrincipalType | AwsPrincipalType;
  /** Whose account it is: a person's, a program's, the cloud's own; null: it may be either. */
  userKind: "human" | "bot" | "system" | null;
  /** The person behind a federated identity or role, as it names them; null: it names none. */
  person: string | null;
}

/** Issuers of identities for pipelines: what their names hold. */
const CI_ISSUERS =
  /token\.actions\.githubusercontent\.com|gitlab|circleci|bitbucket|buildkite|vstoken\.dev\.azure\.com|app\.terraform\.io|spacelift|codefresh|semaphoreci|travis-ci|harness\.io|codemagic|drone/i;

/** Whether an issuer of identities, or the pool that trusts it, is a pipeline's. */
export function isPipelineIssuer(name: string): boolean {
  return CI_ISSUERS.test(name.slice(0, 512));
}
