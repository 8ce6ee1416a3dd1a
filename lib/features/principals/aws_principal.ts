import type { RawPrincipal } from "../../model/call_minute.ts";
import { type AwsPrincipalType, isPipelineIssuer, type PrincipalFacts } from "./principal.ts";

/** The fields of `userIdentity` that tell what a principal is. */
export type AwsIdentity = Pick<
  RawPrincipal,
  "name" | "type" | "userName" | "issuerArn" | "federatedProvider"
>;

const MAX_NAME = 2048;
const ROLE_ARN = /^arn:aws[a-z-]*:sts::\d*:assumed-role\/([^/]+)\/(.+)$/;
const SERVICE = /^[a-z0-9.-]+\.(?:amazonaws\.com(?:\.cn)?|amazon\.com|aws\.internal)$/i;
const EMAIL = /^[^\s@/:]{1,128}@[^\s@/:]{1,128}\.[a-z]{2,63}$/i;

/** Types whose fields say all there is to say. */
const BY_TYPE: Readonly<Record<string, PrincipalFacts>> = {
  Root: { principalType: "root", userKind: null, person: null },
  IAMUser: { principalType: "iam-user", userKind: null, person: null },
  AWSService: { principalType: "aws-service", userKind: "system", person: null },
  AWSAccount: { principalType: "aws-account", userKind: null, person: null },
};

/**
 * What a principal of AWS is, by `userIdentity` (facts/aws.md): its type, and for an assumed role
 * the shape of the role's and the session's name. A session's name is chosen by whoever assumes the
 * role, but for IAM Identity Center, instances and EKS: a person is `human` only where AWS itself
 * put the name there. Total: any fields have an answer.
 */
export function awsPrincipal(identity: AwsIdentity): PrincipalFacts {
  const name = identity.name.slice(0, MAX_NAME);
  const type = identity.type ?? "";
  const known = Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
  if (known !== undefined) return known;
  const [, role, session] = ROLE_ARN.exec(name) ?? [];
  if (role !== undefined && session !== undefined) return rolePrincipal(role, session, identity);
  const userName = identity.userName ?? name;
  switch (type) {
    case "SAMLUser":
      return { principalType: "saml-user", userKind: "human", person: lastWord(userName) };
    case "IdentityCenterUser":
      return { principalType: "identity-center-user", userKind: "human", person: null };
    case "FederatedUser":
      return { principalType: "federated-user", userKind: null, person: emailIn(name) };
    case "WebIdentityUser":
      return webIdentity(identity) ?? {
        principalType: "web-identity",
        userKind: null,
        person: emailIn(userName),
      };
  }
  if (SERVICE.test(name)) return BY_TYPE["AWSService"]!;
  return { principalType: "unknown", userKind: null, person: null };
}

function rolePrincipal(role: string, session: string, identity: AwsIdentity): PrincipalFacts {
  if (/^AWSReservedSSO_.+_[0-9a-f]{8,}$/.test(role)) {
    return { principalType: "sso", userKind: "human", person: session };
  }
  if (isServiceLinked(role, identity.issuerArn)) {
    return { principalType: "service-linked-role", userKind: "system", person: null };
  }
  const federated = webIdentity(identity);
  if (federated !== null) return federated;
  if (/^i-[0-9a-f]{8,17}$/.test(session)) return bot("ec2-instance-role");
  if (/^eks-.+-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(session)) {
    return bot("eks-pod-identity");
  }
  if (/^AWSCodeBuild-/.test(session)) return bot("code-build");
  if (/^GitHubActions$|^gitlab-(?:ci|runner)/i.test(session)) return bot("ci-oidc");
  if (/^[0-9a-f]{32}$/.test(session)) return bot("ecs-task-role");
  return { principalType: "assumed-role", userKind: null, person: emailIn(session) };
}

function isServiceLinked(role: string, issuerArn: string | null): boolean {
  if (issuerArn !== null) return /:role\/aws-service-role\//.test(issuerArn);
  return /^AWSServiceRoleFor[A-Z]/.test(role);
}

// a provider is an ARN (`…:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/…`) or a host
function webIdentity({ federatedProvider }: AwsIdentity): PrincipalFacts | null {
  if (federatedProvider === null || federatedProvider === "") return null;
  if (/(?:^|\/)oidc\.eks\.[a-z0-9-]+\.amazonaws\.com/.test(federatedProvider)) {
    return bot("eks-pod-identity");
  }
  return isPipelineIssuer(federatedProvider) ? bot("ci-oidc") : null;
}

function bot(principalType: AwsPrincipalType): PrincipalFacts {
  return { principalType, userKind: "bot", person: null };
}

function emailIn(text: string): string | null {
  const word = lastWord(text);
  return word !== null && EMAIL.test(word) ? word : null;
}

// `arn:…:federated-user/NAME`, `ACCOUNT:NAME`, `PROVIDER:…:NAME`
function lastWord(text: string): string | null {
  return text.slice(0, MAX_NAME).split(/[/:]/).at(-1) || null;
}
