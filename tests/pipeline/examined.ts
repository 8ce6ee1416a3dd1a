import assert from "node:assert/strict";
import { configSchema } from "../../lib/config/config.ts";
import { examine } from "../../lib/pipeline/doctor/doctor.ts";
import type { Check } from "../../lib/pipeline/doctor/check.ts";
import type { S3Fault, S3Request } from "../sources/loopback/s3_server.ts";
import { inFolder } from "../sources/archive_folder.ts";
import { eager } from "../sources/eager.ts";

/** What a table of checks expects of one of them: its state, and words of finding and advice. */
export type Expected = [check: string, state: Check["state"], text: RegExp];

/** Holds that a check is among others, in its state, and says what mends it where something is. */
export function assertCheck(
  checks: readonly Check[],
  [name, state, text]: Expected,
  what: string,
): void {
  const check = checks.find(({ check }) => check === name);
  assert.ok(check, `${what}: no check "${name}" among ${checks.map(({ check }) => check)}`);
  assert.equal(check.state, state, `${what}: ${check.found}`);
  assert.match(`${check.found} > ${check.advice ?? ""}`, text, what);
  if (state === "failed" || state === "warning") assert.ok(check.advice, `${what} has advice`);
}

/** All checks of one source. */
export async function examineSource(source: unknown, options = {}): Promise<Check[]> {
  const config = configSchema.parse({ sources: [source] });
  return await Array.fromAsync(examine(config, { retry: eager(2), ...options }));
}

/** Runs a test where the environment holds neither credentials of AWS nor a region. */
export async function withoutCredentials(test: () => Promise<void>): Promise<void> {
  const names = [
    ...["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION"],
    ...["HOME", "AWS_EC2_METADATA_DISABLED"],
  ];
  const before = names.map((name) => [name, Deno.env.get(name)] as const);
  await inFolder(async (folder) => {
    for (const name of names) Deno.env.delete(name);
    Deno.env.set("HOME", folder);
    Deno.env.set("AWS_EC2_METADATA_DISABLED", "true");
    try {
      await test();
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    }
  });
}

/** An error of S3 for one operation. */
export function on(
  operation: S3Request["operation"],
  status: number,
  code: string,
  more: { message?: string; extra?: string } = {},
): (request: S3Request) => S3Fault | null {
  return (request) =>
    request.operation === operation ? { kind: "error", status, code, ...more } : null;
}
