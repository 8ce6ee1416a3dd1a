import assert from "node:assert/strict";
import fc from "../property.ts";
import { type AwsIdentity, awsPrincipal } from "../../lib/features/principals/aws_principal.ts";
import { gcpPrincipal } from "../../lib/features/principals/gcp_principal.ts";

type Told = [type: string, userKind: string | null, person: string | null];

const POOLS = "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools";
const WORKFORCE = "principal://iam.googleapis.com/locations/global/workforcePools/staff";

const GCP: Record<string, Told> = {
  "ana@example.com": ["user", "human", null],
  "ci@p-1.iam.gserviceaccount.com": ["service-account", "bot", null],
  "1234-compute@developer.gserviceaccount.com": ["service-account", "bot", null],
  "p-1@appspot.gserviceaccount.com": ["service-account", "bot", null],
  "1234@cloudbuild.gserviceaccount.com": ["service-account", "bot", null],
  "service-1234@gcp-sa-pubsub.iam.gserviceaccount.com": ["service-agent", "system", null],
  "service-1234@compute-system.iam.gserviceaccount.com": ["service-agent", "system", null],
  "service-1234@container-engine-robot.iam.gserviceaccount.com": ["service-agent", "system", null],
  "1234@cloudservices.gserviceaccount.com": ["service-agent", "system", null],
  // anybody may name a service account of their own so
  "service-1234@evil.iam.gserviceaccount.com": ["service-account", "bot", null],
  "gserviceaccount.com@example.com": ["user", "human", null],
  "x@notgserviceaccount.com": ["user", "human", null],
  [`${WORKFORCE}/subject/ana@example.com`]: ["workforce", "human", "ana@example.com"],
  [`principalSet${WORKFORCE.slice(9)}/group/admins`]: ["workforce", "human", null],
  [`${POOLS}/github/subject/repo:org/app:ref:refs/heads/main`]: ["ci-oidc", "bot", null],
  [`${POOLS}/main/subject/project_path:group/app:ref_type:branch`]: ["ci-oidc", "bot", null],
  [`${POOLS}/aws/subject/arn:aws:sts::1:assumed-role/r/i-1`]: ["workload", "bot", null],
  [`${POOLS}/p-1.svc.id.goog/subject/ns/apps/sa/web`]: ["kubernetes-service-account", "bot", null],
  "p-1.svc.id.goog[apps/web]": ["kubernetes-service-account", "bot", null],
  "system:serviceaccount:apps:web": ["kubernetes-service-account", "bot", null],
  "system:node:gke-1": ["kubernetes-node", "bot", null],
  "system:anonymous": ["kubernetes-user", null, null],
  "system:kube-controller-manager": ["kubernetes-system", "system", null],
  "": ["unknown", null, null],
  "@": ["unknown", null, null],
  "someone": ["unknown", null, null],
};

const ROLE = "arn:aws:sts::111122223333:assumed-role";
const OIDC = "arn:aws:iam::111122223333:oidc-provider";
const UUID = "0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f";

const AWS: [Partial<AwsIdentity>, Told][] = [
  [{ type: "Root", name: "arn:aws:iam::1:root" }, ["root", null, null]],
  [{ type: "IAMUser", name: "arn:aws:iam::1:user/ana" }, ["iam-user", null, null]],
  [
    { type: "AssumedRole", name: `${ROLE}/AWSReservedSSO_Admin_0123456789abcdef/ana@example.com` },
    ["sso", "human", "ana@example.com"],
  ],
  [{ type: "AssumedRole", name: `${ROLE}/AWSReservedSSO_Admin/x` }, ["assumed-role", null, null]],
  [
    { type: "AssumedRole", name: `${ROLE}/deploy/ana@example.com` },
    ["assumed-role", null, "ana@example.com"],
  ],
  [{ type: "AssumedRole", name: `${ROLE}/deploy/session-1` }, ["assumed-role", null, null]],
  [{ type: "AssumedRole", name: `${ROLE}/web/i-0123456789abcdef0` }, [
    "ec2-instance-role",
    "bot",
    null,
  ]],
  [{ type: "AssumedRole", name: `${ROLE}/pods/eks-main-web-7f-${UUID}` }, [
    "eks-pod-identity",
    "bot",
    null,
  ]],
  [
    {
      type: "AssumedRole",
      name: `${ROLE}/pods/botocore-session-1`,
      federatedProvider: `${OIDC}/oidc.eks.eu-west-1.amazonaws.com/id/AB`,
    },
    ["eks-pod-identity", "bot", null],
  ],
  [
    {
      type: "AssumedRole",
      name: `${ROLE}/ci/anything`,
      federatedProvider: `${OIDC}/token.actions.githubusercontent.com`,
    },
    ["ci-oidc", "bot", null],
  ],
  [{ type: "AssumedRole", name: `${ROLE}/ci/GitHubActions` }, ["ci-oidc", "bot", null]],
  [{ type: "AssumedRole", name: `${ROLE}/b/AWSCodeBuild-${UUID}` }, ["code-build", "bot", null]],
  [{ type: "AssumedRole", name: `${ROLE}/task/${"0af1".repeat(8)}` }, [
    "ecs-task-role",
    "bot",
    null,
  ]],
  [
    {
      type: "AssumedRole",
      name: `${ROLE}/AWSServiceRoleForConfig/x`,
      issuerArn:
        "arn:aws:iam::1:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
    },
    ["service-linked-role", "system", null],
  ],
  [
    {
      type: "AssumedRole",
      name: `${ROLE}/AWSServiceRoleForMe/x`,
      issuerArn: "arn:aws:iam::1:role/AWSServiceRoleForMe",
    },
    ["assumed-role", null, null],
  ],
  [{ type: "AWSService", name: "cloudtrail.amazonaws.com" }, ["aws-service", "system", null]],
  [{ type: null, name: "ec2.amazonaws.com" }, ["aws-service", "system", null]],
  [{ type: "AWSAccount", name: "444455556666" }, ["aws-account", null, null]],
  [{ type: "SAMLUser", name: "P:x", userName: "ana@example.com" }, [
    "saml-user",
    "human",
    "ana@example.com",
  ]],
  [
    {
      type: "WebIdentityUser",
      name: "token",
      federatedProvider: "token.actions.githubusercontent.com",
      userName: "repo:org/app:ref:refs/heads/main",
    },
    ["ci-oidc", "bot", null],
  ],
  [{ type: "WebIdentityUser", name: "x", federatedProvider: "accounts.google.com" }, [
    "web-identity",
    null,
    null,
  ]],
  [{ type: "FederatedUser", name: "arn:aws:sts::1:federated-user/ana" }, [
    "federated-user",
    null,
    null,
  ]],
  [{ type: "IdentityCenterUser", name: "u-1" }, ["identity-center-user", "human", null]],
  [{ type: "toString", name: "x" }, ["unknown", null, null]],
];

function identity(fields: Partial<AwsIdentity>): AwsIdentity {
  return {
    ...{ name: "", type: null, userName: null, issuerArn: null },
    ...{ federatedProvider: null, ...fields },
  };
}

Deno.test("gcpPrincipal() tells principals by their shape", () => {
  for (const [name, told] of Object.entries(GCP)) {
    const { principalType, userKind, person } = gcpPrincipal(name);
    assert.deepEqual([principalType, userKind, person], told, name);
  }
});

Deno.test("awsPrincipal() tells principals by type, role and session name", () => {
  for (const [fields, told] of AWS) {
    const { principalType, userKind, person } = awsPrincipal(identity(fields));
    assert.deepEqual([principalType, userKind, person], told, JSON.stringify(fields));
  }
});

Deno.test("principals of any text are told something", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
    assert.ok(gcpPrincipal(text).principalType);
    assert.ok(awsPrincipal(identity({ name: text, type: "AssumedRole" })).principalType);
    assert.ok(awsPrincipal(identity({ name: `${ROLE}/${text}`, userName: text })).principalType);
  }));
  const long = `principal://iam.googleapis.com/${"/workforcePools/".repeat(1e4)}`;
  assert.equal(gcpPrincipal(long).principalType, "unknown");
});
