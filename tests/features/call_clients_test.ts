import assert from "node:assert/strict";
import { foldMinutes } from "../../lib/sessions/fold_minutes.ts";
import { SessionOfCalls } from "../../lib/sessions/session_of_calls.ts";
import { rawMinute } from "../sessions/raw_minute.ts";

function labelsOf(...userAgents: string[]): Record<string, string> {
  const session = new SessionOfCalls({ foldMs: 2000 });
  const raws = userAgents.map((userAgent, i) =>
    rawMinute({ minuteMs: i * 60_000, offsets: [1], userAgent, substrate: "aws-cloudtrail" })
  );
  for (const minute of foldMinutes(raws, {})) session.addMinute([minute]);
  return session.finish().labels;
}

Deno.test("SessionOfCalls keeps marks that nobody knows yet, so that a rule can name them later", () => {
  const cli = (features: string) => `aws-cli/2.36.0 ua/2.1 m/${features} md/command#s3.ls`;
  assert.equal(labelsOf(cli("E,b,QX"), cli("b,n"))["aws.ua.marks"], "E.b.n.QX");
  assert.equal(labelsOf("curl/8.0")["aws.ua.marks"], undefined);
});

Deno.test("SessionOfCalls cuts marks at what a label holds, the longest first", () => {
  const ids = Array.from({ length: 40 }, (_, i) => `${i}`.padStart(3, "x"));
  const marks = labelsOf(`aws-cli/2.36.0 m/${ids.join(",")},a`)["aws.ua.marks"]!;
  assert(marks.length <= 63 && marks.startsWith("a.x"), marks);
});
