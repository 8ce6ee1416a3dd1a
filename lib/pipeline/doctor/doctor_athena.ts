import type { TableMetadata } from "@aws-sdk/client-athena";
import { openAthenaEngine } from "../../sources/athena.ts";
import { isTransientCall } from "../../sources/athena_errors.ts";
import { type AwsOptions, credentialsLink, SIGN_IN } from "../../sources/aws_client.ts";
import { type RetryPolicy, withRetries } from "../../sources/retry.ts";
import { TRUST, UNTRUSTED } from "../../sources/untrusted_certificate.ts";
import { type CheckOutcome, failed, ok, warning } from "./check.ts";

/** Where a table of Athena is. */
interface CheckedTable {
  region: string;
  workgroup: string;
  database: string;
  table: string;
  output: string;
}

/** Credentials, region, workgroup and its scan limit, and what `look` finds of the table. */
export async function* checkAthena(
  config: CheckedTable,
  { retry, look, ...options }: AwsOptions & {
    retry: RetryPolicy;
    look: (table: TableMetadata) => CheckOutcome[];
  },
): AsyncGenerator<CheckOutcome> {
  const { region, workgroup, database, table, output } = config;
  await using engine = await openAthenaEngine({ region, workgroup, database, output, ...options });
  const { client } = engine;
  const { GetTableMetadataCommand, GetWorkGroupCommand } = await import("@aws-sdk/client-athena");
  const ask = <T>(body: () => Promise<T>) =>
    withRetries(body, { policy: retry, isTransient: isTransientCall });

  const credentials = await checked("credentials", null, async () => {
    const link = credentialsLink(await client.config.credentials());
    return [ok("credentials", `from: ${link ?? "unknown link"}`)];
  });
  yield* credentials;
  if (credentials.some(({ state }) => state === "failed")) return;
  yield ok("region", region);
  yield* await checked("workgroup", `athena:GetWorkGroup on workgroup/${workgroup}`, async () => {
    const command = new GetWorkGroupCommand({ WorkGroup: workgroup });
    const { WorkGroup: found } = await ask(() => client.send(command));
    if (found?.State === "DISABLED") {
      const advice = "enable it (athena:UpdateWorkGroup), or name another as `workgroup`";
      return [failed("workgroup", `${workgroup} is disabled`, advice)];
    }
    return [
      ok("workgroup", workgroup),
      scanLimit(found?.Configuration?.BytesScannedCutoffPerQuery),
    ];
  });
  const actions = `athena:GetTableMetadata, glue:GetDatabase and glue:GetTable on ` +
    `${database}.${table}`;
  yield* await checked("table", actions, async () => {
    const command = new GetTableMetadataCommand({
      CatalogName: "AwsDataCatalog",
      DatabaseName: database,
      TableName: table,
      WorkGroup: workgroup,
    });
    const { TableMetadata: found } = await ask(() => client.send(command));
    return found === undefined
      ? [failed("table", "Athena knows nothing of it", "check `database` and `table`")]
      : look(found);
  });
}

function scanLimit(bytes: number | undefined): CheckOutcome {
  if (bytes !== undefined) return ok("scan limit", `${(bytes / 1e9).toFixed(1)} GB a query`);
  return warning(
    "scan limit",
    "none: one query may read any amount",
    "set BytesScannedCutoffPerQuery of the workgroup (athena:UpdateWorkGroup)",
  );
}

const ADVICE: readonly (readonly [name: RegExp, advice: string])[] = [
  [
    /^(ExpiredToken(Exception)?|RequestExpired|TokenProviderError)$/,
    "the credentials have expired: sign in again, for example by `aws sso login`",
  ],
  [
    /^(UnrecognizedClientException|InvalidSignatureException|InvalidClientTokenId)$/,
    "AWS does not know these credentials: check AWS_PROFILE or the access key, and the clock",
  ],
  [/^CredentialsProviderError$/, SIGN_IN],
  [/^MetadataException$/, "check `database` and `table` in the configuration"],
  [/^(InvalidRequestException|ResourceNotFoundException)$/, "check the name, and `region`"],
];

async function checked(
  check: string,
  actions: string | null,
  body: () => Promise<CheckOutcome[]>,
): Promise<CheckOutcome[]> {
  try {
    return await body();
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    const { name, code } = cause as { name: string; code?: string };
    const said = code ?? name;
    const found = `refused: ${/^\w{1,60}$/.test(said) ? said : "no code"}`;
    if (actions !== null && /^AccessDenied/.test(name)) {
      return [failed(check, found, `allow ${actions}`)];
    }
    if (UNTRUSTED.test(said)) return [failed(check, found, TRUST)];
    const known = ADVICE.find(([pattern]) => pattern.test(name))?.[1];
    return [failed(check, found, known ?? "check the network and `region`, then try again")];
  }
}
