// Credentials of AWS that are handed out on one day and used on another, pulled in any order.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { ApiSourceConfig } from "../../../lib/config/config.ts";
import type { ApiClients } from "../../../lib/pipeline/api/open_api_source.ts";
import { pullApiSource } from "../../../lib/pipeline/api/pull_api_source.ts";
import { openStore, type Store } from "../../../lib/store/store.ts";
import { inFolder } from "../../sources/archive_folder.ts";
import { openAthenaServer } from "../../sources/loopback/athena_server.ts";
import { startS3Server } from "../../sources/loopback/s3_server.ts";
import { trailTable } from "../../sources/loopback/trail_table.ts";
import {
  awsSource,
  clientsOf,
  TRAIL_BUCKET,
  TRAIL_NAME,
  trailSource,
} from "./cloudtrail_places.ts";

const ACCOUNT = "111122223333";
const DAYS = ["2026-03-10", "2026-03-11", "2026-03-12"];
const GITHUB = "token.actions.githubusercontent.com";

const assumedRole = (role: string, session: string, accessKeyId: string) => ({
  type: "AssumedRole",
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${session}`,
  accessKeyId,
});

/** Calls of three days: each hands out the key that a call of a later day uses. */
const CALLS: readonly [day: string, identity: object, name: string, issues: string | null][] = [
  [
    DAYS[0]!,
    { type: "IAMUser", arn: `arn:aws:iam::${ACCOUNT}:user/ana`, accessKeyId: "AKIA1" },
    ...["AssumeRole", "ASIAENTRY"] as const,
  ],
  [DAYS[1]!, assumedRole("entry", "one", "ASIAENTRY"), "AssumeRole", "ASIAADMIN"],
  [DAYS[2]!, assumedRole("admin", "two", "ASIAADMIN"), "DeleteRole", null],
  [
    DAYS[0]!,
    {
      type: "WebIdentityUser",
      principalId: `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}:sts.amazonaws.com:` +
        "repo:octo/shop:workflow:deploy",
      userName: "repo:octo/shop:workflow:deploy",
      identityProvider: `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}`,
    },
    ...["AssumeRoleWithWebIdentity", "ASIACI"] as const,
  ],
  [
    DAYS[1]!,
    {
      ...assumedRole("gh-deploy", "shop@deploy-8123456789", "ASIACI"),
      sessionContext: {
        webIdFederationData: {
          federatedProvider: `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}`,
        },
      },
    },
    ...["PutParameter", null] as const,
  ],
  [
    DAYS[1]!,
    assumedRole("AWSReservedSSO_Power_0f1d2b3c4a596877", "emil@example.com", "ASIASSO"),
    ...["AssumeRole", "ASIABREAK"] as const,
  ],
  [DAYS[2]!, assumedRole("break-glass", "emil@example.com", "ASIABREAK"), "GetSecretValue", null],
];

async function writeTree(folder: string): Promise<void> {
  for (const [i, day] of DAYS.entries()) {
    const path = day.replaceAll("-", "/");
    const Records = CALLS.filter(([of]) => of === day)
      .map(([, userIdentity, eventName, issues], n) => ({
        ...{ eventTime: `${day}T09:0${n}:00Z`, eventID: `${i}-${n}`, userIdentity, eventName },
        eventSource: eventName.startsWith("Assume") ? "sts.amazonaws.com" : "iam.amazonaws.com",
        ...{ sourceIPAddress: "203.0.113.9", userAgent: "aws-cli/2", recipientAccountId: ACCOUNT },
        responseElements: issues && { credentials: { accessKeyId: issues, sessionToken: "x" } },
      }));
    const file = join(
      folder,
      `AWSLogs/${ACCOUNT}/CloudTrail/eu-west-1/${path}`,
      `${ACCOUNT}_CloudTrail_eu-west-1_${day.replaceAll("-", "")}T0915Z_x.json.gz`,
    );
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.writeFile(file, gzipSync(JSON.stringify({ Records })));
  }
}

interface Place {
  source: ApiSourceConfig;
  clients: ApiClients;
}

async function pullDays(store: Store, { source, clients }: Place, days: readonly number[]) {
  for (const day of days) {
    const since = new Date(DAYS[day]!);
    await pullApiSource(store, source, {
      ...{ since, until: new Date(since.getTime() + 86_400_000), force: true },
      ...{ idleSeconds: 600, foldSeconds: 2, runId: null, now: () => new Date("2026-03-20") },
      ...clients,
    });
  }
}

const LABELS = [
  ...["principal.type", "impersonation.depth", "chain.origin", "principal.person"],
  ...["ci.repository", "ci.workflow", "chain.repository", "chain.workflow"],
];

function labelsOf(store: Store): Record<string, unknown[]> {
  const rows = store.database.prepare("SELECT principal, labels FROM session_frame").all();
  return Object.fromEntries(rows.map(({ principal, labels }) => {
    const values = JSON.parse(String(labels));
    return [
      String(principal).replace(/^.*[:/](?=[^/]+\/[^/]+$)/, ""),
      LABELS.map((key) => values[`aws.${key}`] ?? null),
    ];
  }));
}

const ANA = `arn-aws-iam-${ACCOUNT}-user-ana`;
const EMIL = `arn-aws-sts-${ACCOUNT}-assumed-role-AWSReservedSSO_Power_0f1d`;
const NOBODY = [null, null, null, null];
const EXPECTED = {
  "user/ana": ["iam-user", "0", null, null, ...NOBODY],
  "entry/one": ["assumed-role", "1", ANA, null, ...NOBODY],
  "admin/two": ["assumed-role", "2", ANA, null, ...NOBODY],
  "gh-deploy/shop@deploy-8123456789": [
    ...["ci-oidc", "0", `arn-aws-iam-${ACCOUNT}-oidc-provider-token.actions.githubuser`, null],
    ...["shop", "deploy", "octo-shop", "deploy"],
  ],
  "AWSReservedSSO_Power_0f1d2b3c4a596877/emil@example.com": [
    ...["sso", null, null, "emil-example.com", ...NOBODY],
  ],
  "break-glass/emil@example.com": ["assumed-role", "1", EMIL, "emil-example.com", ...NOBODY],
};

Deno.test("chains of credentials are the same in whatever order their days are pulled, and again", async () => {
  await inFolder(async (folder) => {
    await writeTree(folder);
    await using athena = await openAthenaServer({
      events: trailTable(folder, { name: TRAIL_NAME }),
    });
    await using s3 = await startS3Server({ bucket: TRAIL_BUCKET, folder });
    const bucket = awsSource({ archive: `s3://${TRAIL_BUCKET}/AWSLogs` });
    const places: [Place, orders: number[][]][] = [
      [{ source: bucket, clients: clientsOf({ s3 }) }, [[0, 1, 2], [2, 1, 0], [1, 2, 0, 1]]],
      [{ source: trailSource(), clients: clientsOf({ athena }) }, [[2, 0, 1]]],
    ];
    for (const [place, orders] of places) {
      for (const order of orders) {
        using store = openStore(":memory:");
        await pullDays(store, place, order);
        const told = labelsOf(store);
        for (const [name, labels] of Object.entries(EXPECTED)) {
          assert.deepEqual(told[name], labels, `${name}, ${order}`);
        }
        assert.equal(Object.keys(told).length, CALLS.length);
        const written = () =>
          store.database.prepare("SELECT count(*) AS n FROM label_history").get()!;
        const before = written().n;
        await pullDays(store, place, order.slice(0, 1));
        assert.equal(written().n, before, "a pull of the same writes no label");
      }
    }
  });
});
