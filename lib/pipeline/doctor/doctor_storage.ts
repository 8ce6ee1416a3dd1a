import { StorageError } from "../../model/errors.ts";
import type { S3 } from "../../sources/s3.ts";
import { type CheckOutcome, failed, ok } from "./check.ts";

/** Credentials and region of a client; `where` is the place of `region` in the configuration. */
export async function checkAccess(s3: S3, where: string): Promise<CheckOutcome[]> {
  const credentials = await checkedStorage("credentials", async () => {
    return ok("credentials", `from: ${await s3.credentialsLink()}`);
  });
  const region = await s3.region();
  return [
    credentials,
    region === null
      ? failed("region", "not known", `set \`region\` ${where}, or AWS_REGION`)
      : ok("region", region),
  ];
}

/** A check whose error is its finding: what S3 refused, and what mends it. */
export async function checkedStorage(
  check: string,
  body: () => Promise<CheckOutcome>,
): Promise<CheckOutcome> {
  try {
    return await body();
  } catch (cause) {
    if (!(cause instanceof StorageError)) throw cause;
    const [found, ...advice] = cause.message.split("; ");
    return failed(check, found!, advice.join("; ") || ADVICE[cause.fault] || "try again later");
  }
}

const ADVICE: Partial<Record<StorageError["fault"], string>> = {
  missing: "it was removed meanwhile; run the check again",
  busy: "check the network and the endpoint, then try again",
  other: "check the address in the configuration",
};
