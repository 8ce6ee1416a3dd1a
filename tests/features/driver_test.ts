import assert from "node:assert/strict";
import fc from "../property.ts";
import { type DriverFields, driverText } from "../../lib/features/driver.ts";
import { parseUserAgent } from "../../lib/features/user_agents/parse_user_agent.ts";

const HOME = "203.0.113.7";
const CFN = "cloudformation.amazonaws.com";

/** User agent, fields, driver: by the precedence of facts/aws.md. */
const CASES: [userAgent: string, fields: Partial<DriverFields>, driver: string][] = [
  ["aws-cli/2.15.0", {}, `aws-cli ${HOME}`],
  ["aws-cli/2.15.0", { invokedBy: CFN }, `aws-service ${CFN}`],
  ["Terraform/1.9.0 stratus-red-team_1", { invokedBy: CFN }, `aws-service ${CFN}`],
  ["AWS Internal", { console: true }, `console ${HOME}`],
  ["AWS Internal", { console: true, invokedBy: CFN, address: CFN }, `aws-service ${CFN}`],
  ["AWS Internal", { invokedBy: "AWS Internal", address: CFN }, `aws-service ${CFN}`],
  [CFN, { address: CFN }, `aws-service ${CFN}`],
  ["Terraform/1.9.0 stratus-red-team_1", { console: true }, `console ${HOME}`],
  ["Terraform/1.9.0 stratus-red-team_1", {}, `stratus-red-team ${HOME}`],
  ["Terraform/1.9.0 terraform-provider-aws/5.1.0", {}, `terraform ${HOME}`],
  ["acme-1f3a9c21-tool/4.2", {}, `acme-tool ${HOME}`],
  ["", { address: "private" }, "none private"],
  ["", { address: null }, "none"],
  ["curl/8.0", { address: "2001:db8::1" }, "curl 2001:db8::1"],
];

function fieldsOf(fields: Partial<DriverFields>): DriverFields {
  return { invokedBy: null, console: false, address: HOME, ...fields };
}

Deno.test("driverText() names who acts: a service, a console, an attack tool, a tool", () => {
  for (const [userAgent, fields, driver] of CASES) {
    const agent = parseUserAgent(userAgent);
    const text = driverText(agent, fieldsOf(fields), { withAddress: true });
    assert.equal(text, driver, JSON.stringify([userAgent, fields]));
  }
});

Deno.test("driverText() leaves the address out where asked, never the name of a service", () => {
  const bare = (userAgent: string, fields: Partial<DriverFields> = {}) =>
    driverText(parseUserAgent(userAgent), fieldsOf(fields), { withAddress: false });
  assert.equal(bare("curl/8.0"), "curl");
  assert.equal(bare("curl/8.0", { invokedBy: CFN }), `aws-service ${CFN}`);
});

Deno.test("driverText() of any fields is one or two bounded words", () => {
  fc.assert(fc.property(
    fc.string({ unit: "binary" }),
    fc.option(fc.string({ unit: "binary" })),
    fc.option(fc.string({ unit: "binary" })),
    (userAgent, address, invokedBy) => {
      const fields = fieldsOf({ address, invokedBy });
      const text = driverText(parseUserAgent(userAgent), fields, { withAddress: true });
      assert.match(text, /^[a-z0-9][a-z0-9.-]{0,39}( [A-Za-z0-9.:_-]{1,100})?$/);
    },
  ));
});
