import assert from "node:assert/strict";
import { CLOUD_COMMANDS, cloudCommand } from "../../lib/features/cloud_commands.ts";

const SQL = Deno.readTextFileSync(
  new URL("../../lib/sources/teleport/commands.sql", import.meta.url),
);

Deno.test("cloudCommand() takes of recordings what commands.sql takes of the log", () => {
  for (const [program, { prefix, words }] of Object.entries(CLOUD_COMMANDS)) {
    const branch = SQL.split(`WHEN '${program}' THEN`)[1]!.split(/WHEN '|END AS cli/)[0]!;
    const texts = [...branch.matchAll(/'([^']*)'/g)].map(([, text]) => text!);
    assert.equal(texts.join(""), prefix + words.source.replaceAll("\\/", "/"), program);
  }
});

Deno.test("cloudCommand() tells words of its lists and nothing else", () => {
  const cases: [string, string, string | null][] = [
    ["gcloud", "compute instances list --filter secret", "gcloud.compute.instances.list"],
    ["gcloud", "beta run deploy my-secret-service", "gcloud.run.deploy"],
    ["gcloud", "compute instances describe list-of-secrets", "gcloud.compute.instances.describe"],
    ["gcloud", "--project secret compute instances list", null],
    ["gsutil", "-m cp /srv/secret gs://bucket", "gsutil.cp"],
    ["aws", "ec2 describe-instances --instance-ids i-1", "aws.ec2.describe-instances"],
    ["aws", "s3 cp secret s3://bucket", "aws.s3.cp"],
    ["aws", "--profile secret s3 ls", null],
    ["aws", "secret describe-instances", null],
    ["ls", "compute instances list", null],
    ["constructor", "compute", null],
    ["gcloud", "", null],
  ];
  for (const [file, words, expected] of cases) {
    const name = expected?.startsWith("aws.") ? expected.slice(4) : expected;
    assert.equal(cloudCommand(file, words.split(" ")), name, `${file} ${words}`);
  }
});
