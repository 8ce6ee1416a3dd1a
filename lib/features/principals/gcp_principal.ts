import { isPipelineIssuer, type PrincipalFacts } from "./principal.ts";

/** Principals are looked at as far as this. */
const MAX_NAME = 1024;
const FEDERATED = /^principal(?:Set)?:\/\/iam\.googleapis\.com\/(.+)$/;
/** A pipeline's subject, as GitHub, GitLab, Bitbucket and others write it. */
const PIPELINE_SUBJECT =
  /^(?:repo|repository|project_path|pipeline|organization|repository_owner):[^/]+/;
const PIPELINE_POOL =
  /(?:^|[-_.])(?:github|gitlab|circleci|bitbucket|buildkite|jenkins|ci|cicd)(?:$|[-_.])/;
/** What runs a cluster's control plane; other names of `system:` are anybody's: `system:anonymous`. */
const CONTROL_PLANE =
  /^system:(?:kube-(?:controller-manager|scheduler)|apiserver|addon-manager|cloud-controller-manager|gcp-controller-manager|gke-[a-z-]+|cluster-autoscaler|clustermetrics|glbc|l7-lb-controller|konnectivity-server|managed-certificate-controller|pdcsi-controller|snapshot-controller|storageversion[a-z-]*|vpa-[a-z-]+)$/;
/**
 * Projects of Google's own that hold service agents. A name alone proves nothing: anybody may call a
 * service account of theirs `service-123`.
 */
const AGENT_PROJECT = new RegExp(
  "^(?:gcp-sa-[a-z0-9-]+|" + [
    ..."bigquery-encryption cloud-filer cloud-memcache-sa cloud-ml cloud-redis".split(" "),
    ..."cloud-tpu cloudcomposer-accounts compute-system container-analysis".split(" "),
    ..."container-engine-robot containerregistry dataflow-service-producer-prod".split(" "),
    ..."dataproc-accounts dlp-api endpoints-portal firebase-rules gae-api-prod".split(" "),
    ..."gcf-admin-robot genomics-api gs-project-accounts monitoring-notification".split(" "),
    ..."pubsub-service-account remotebuildexecution security-center-api".split(" "),
    ..."serverless-robot-prod service-consumer-management service-networking".split(" "),
    ..."sourcerepo-service-accounts storage-transfer-service trifacta-gcloud-prod".split(" "),
  ].join("|") + ")$",
);

/**
 * What a principal of Google Cloud is, by its shape (facts/gcp.md): an e-mail address, or the
 * subject of a federated identity. Total: any text has an answer.
 */
export function gcpPrincipal(name: string): PrincipalFacts {
  const text = name.slice(0, MAX_NAME).trim().replace(/^(?:deleted:)?(?:user|serviceAccount):/, "");
  const federated = FEDERATED.exec(text)?.[1];
  if (federated !== undefined) return federatedPrincipal(federated);
  if (text.startsWith("system:")) return kubernetesPrincipal(text);
  if (/\.svc\.id\.goog\[/.test(text)) return bot("kubernetes-service-account");
  const at = text.lastIndexOf("@");
  if (at <= 0 || at === text.length - 1) return bare("unknown");
  const local = text.slice(0, at);
  const domain = text.slice(at + 1).toLowerCase();
  if (isServiceAgent(local, domain)) {
    return { principalType: "service-agent", userKind: "system", person: null };
  }
  if (/(?:^|\.)gserviceaccount\.com$/.test(domain)) return bot("service-account");
  return { principalType: "user", userKind: "human", person: null };
}

function isServiceAgent(local: string, domain: string): boolean {
  if (domain === "cloudservices.gserviceaccount.com") return /^\d+$/.test(local);
  if (domain === "system.gserviceaccount.com") return true;
  const project = /^([a-z0-9-]+)(?:\.google\.com)?\.iam\.gserviceaccount\.com$/.exec(domain)?.[1];
  return project !== undefined && AGENT_PROJECT.test(project) &&
    /^(?:service|p|cs|o|org|folder|bqcx|service-org|service-folder)-?\d+(?:-[a-z0-9]+)?$/.test(
      local,
    );
}

// locations/global/workforcePools/POOL/subject/S, or projects/N/locations/global/
// workloadIdentityPools/POOL/subject/S; sets of principals have other words for `subject`.
function federatedPrincipal(path: string): PrincipalFacts {
  const [, kind, pool = "", subject = ""] =
    /\/(workforcePools|workloadIdentityPools)\/([^/]+)(?:\/(?:subject|[^/]+)\/(.*))?$/.exec(path) ??
      [];
  if (kind === "workforcePools") {
    const isSubject = /\/subject\//.test(path);
    return {
      principalType: "workforce",
      userKind: "human",
      person: isSubject && subject !== "" ? subject : null,
    };
  }
  if (kind === undefined) return bare("unknown");
  if (/\.svc\.id\.goog$/.test(pool)) return bot("kubernetes-service-account");
  const isPipeline = PIPELINE_SUBJECT.test(subject) || PIPELINE_POOL.test(pool.toLowerCase()) ||
    isPipelineIssuer(pool);
  return bot(isPipeline ? "ci-oidc" : "workload");
}

function kubernetesPrincipal(text: string): PrincipalFacts {
  if (text.startsWith("system:serviceaccount:")) return bot("kubernetes-service-account");
  // whoever is on a node can be the node
  if (text.startsWith("system:node:")) return bot("kubernetes-node");
  if (CONTROL_PLANE.test(text)) {
    return { principalType: "kubernetes-system", userKind: "system", person: null };
  }
  return bare("kubernetes-user");
}

function bot(principalType: PrincipalFacts["principalType"]): PrincipalFacts {
  return { principalType, userKind: "bot", person: null };
}

function bare(principalType: PrincipalFacts["principalType"]): PrincipalFacts {
  return { principalType, userKind: null, person: null };
}
