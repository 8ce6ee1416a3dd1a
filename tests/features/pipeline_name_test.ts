import assert from "node:assert/strict";
import { pipelineName } from "../../lib/features/principals/pipeline_name.ts";

const ROLE = "arn:aws:sts::111122223333:assumed-role/gh-deploy";
const GITHUB =
  "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com";
const CASES: readonly [principal: string, repository: string | null, workflow: string | null][] = [
  [`${GITHUB}:repo:octo/shop:ref:refs/heads/main`, "octo/shop", null],
  [`${GITHUB}:repo:octo/shop:workflow:deploy`, "octo/shop", "deploy"],
  [
    `${GITHUB}:repo:octo/shop:job_workflow_ref:octo/shop/.github/workflows/release.yml@refs/heads/main`,
    ...["octo/shop", "release"] as const,
  ],
  ["gitlab.com:project_path:group/app:ref_type:branch:ref:main", "group/app", null],
  [
    "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/subject/repo:octo/shop:ref:refs/heads/main",
    ...["octo/shop", null] as const,
  ],
  [`${ROLE}/GitHubActions`, null, null],
  [`${ROLE}/GitHubActions-8123456789`, null, null],
  [`${ROLE}/gha-shop-8123456789-1`, "shop", null],
  [`${ROLE}/octo.shop@deploy-8123456789`, "octo.shop", "deploy"],
  [`${ROLE}/shop+nightly`, "shop", "nightly"],
  [`${ROLE}/812345`, null, null],
  ["arn:aws:iam::111122223333:user/ana", null, null],
  ["", null, null],
];

Deno.test("pipelineName() reads the subject of an identity, or the name of a role's session", () => {
  for (const [principal, repository, workflow] of CASES) {
    assert.deepEqual(pipelineName(principal), { repository, workflow }, principal);
  }
});
