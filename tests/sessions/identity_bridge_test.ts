import assert from "node:assert/strict";
import fc from "../property.ts";
import { configSchema } from "../../lib/config/config.ts";
import type { SubstratePrincipal } from "../../lib/model/identity.ts";
import type { Substrate } from "../../lib/model/vocabulary.ts";
import { IdentityBridge, type IdentityRules } from "../../lib/sessions/identity_bridge.ts";

const SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0a1b2c3d4e5f6071";
const WORKFORCE = "principal://iam.googleapis.com/locations/global/workforcePools/corp/subject";

function bridge(
  options: Partial<IdentityRules> = {},
  seen: readonly [Substrate, string][] = [],
): (substrate: Substrate, principal: string) => string {
  const { rules } = configSchema.parse({}).identity;
  const made = new IdentityBridge({ rules, domains: {}, people: {}, table: new Map(), ...options });
  for (const [substrate, principal] of seen) made.see({ substrate, principal });
  return (substrate, principal) => {
    const principals: SubstratePrincipal = { substrate, principal };
    const found = made.of(principals);
    return found.state === "matched"
      ? `${found.identity} by ${found.rule}${found.vouched ? "" : ", claimed"}`
      : found.state;
  };
}

Deno.test("IdentityBridge knows each substrate's spelling of one person", () => {
  const of = bridge({
    domain: "example.com",
    domains: { "corp.example.com": "example.com" },
    people: { "arn:aws:iam::111122223333:user/anna": "anna@example.com" },
    table: new Map([["AIDA-OLD", ["anna@example.com"]], ["shared", [
      "a@example.com",
      "b@example.com",
    ]]]),
  }, [["gcp-cloud-audit", "anna@example.com"]]);
  const cases: [Substrate, string, string][] = [
    ["gcp-cloud-audit", "anna@example.com", "anna@example.com by exact"],
    ["gcp-cloud-audit", "user:anna@example.com", "anna@example.com by exact"],
    ["gcp-cloud-audit", "Anna@Example.com", "anna@example.com by case"],
    ["gcp-cloud-audit", "anna@corp.example.com", "anna@example.com by domain"],
    ["gcp-cloud-audit", `${WORKFORCE}/anna@example.com`, "anna@example.com by federated"],
    ["gcp-os-login", "anna_example_com", "anna@example.com by os-login"],
    ["teleport-recording", "anna", "anna@example.com by teleport-user"],
    ["teleport-audit", "anna@example.com", "anna@example.com by exact"],
    ["teleport-recording", "anna_example_com", "anna@example.com by os-login"],
    ["aws-cloudtrail", `${SSO}/anna@example.com`, "anna@example.com by identity-center"],
    ["aws-cloudtrail", `${SSO}/anna`, "anna@example.com by identity-center"],
    [
      "aws-cloudtrail",
      "arn:aws:sts::111122223333:assumed-role/ops/anna@example.com",
      "anna@example.com by role-session, claimed",
    ],
    ["aws-cloudtrail", "arn:aws:sts::111122223333:assumed-role/ops/anna", "unmatched"],
    ["aws-cloudtrail", "arn:aws:iam::111122223333:user/anna", "anna@example.com by exact"],
    ["aws-cloudtrail", "AIDA-OLD", "anna@example.com by table"],
    ["aws-cloudtrail", "shared", "ambiguous"],
    ["asciicast", "anna@example.com", "anna@example.com by exact, claimed"],
  ];
  for (const [substrate, principal, expected] of cases) {
    assert.equal(of(substrate, principal), expected, `${substrate} ${principal}`);
  }
});

Deno.test("IdentityBridge never guesses between two people", () => {
  // both make the same name on a host
  const of = bridge({}, [
    ["gcp-cloud-audit", "anna.b@example.com"],
    ["gcp-cloud-audit", "anna@b.example.com"],
  ]);
  assert.equal(of("teleport-recording", "anna_b_example_com"), "ambiguous");
  assert.equal(bridge()("teleport-recording", "anna"), "unmatched", "no domain is told");
});

Deno.test("IdentityBridge uses the rules that the configuration names, and no other", () => {
  const of = bridge({ rules: ["exact"], domain: "example.com" });
  assert.equal(of("gcp-cloud-audit", "Anna@example.com"), "Anna@example.com by exact");
  assert.equal(of("teleport-recording", "anna"), "unmatched");
  assert.equal(bridge({ rules: ["table"] })("gcp-cloud-audit", "anna@example.com"), "unmatched");
  assert.equal(of("aws-cloudtrail", `${SSO}/anna@example.com`), "unmatched");
});

Deno.test("IdentityBridge takes no hostile principal for a person by accident", () => {
  const substrates: Substrate[] = ["teleport-recording", "gcp-cloud-audit", "aws-cloudtrail"];
  const hostile = [
    "аnna@example.com", // a Cyrillic letter
    "anna@example.com\u0000",
    "anna@example.com\n",
    "\u202eanna@example.com",
    "anna\u200b@example.com",
    "ANNA@EXAMPLE.COM".replace("K", "\u212a") + "\u212a", // the Kelvin sign
    "annA\u030a@example.com",
    " anna@example.com",
    "anna@example.com@evil.test",
    "anna@example.com, boris@example.com",
    "anna@".padEnd(10_240, "a") + ".example.com",
    "a".repeat(10_240) + "@example.com",
    `${SSO}/anna@example.com/x`,
    `x${SSO}/anna@example.com`,
    "../anna",
    "anna;--",
    "",
  ];
  for (const substrate of substrates) {
    const of = bridge({ domain: "example.com" }, [
      ["gcp-cloud-audit", "anna@example.com"],
      ...hostile.map((principal) => [substrate, principal] as [Substrate, string]),
    ]);
    for (const principal of hostile) {
      const found = of(substrate, principal);
      assert(!found.startsWith("anna@example.com"), `${substrate} ${JSON.stringify(principal)}`);
    }
  }
});

Deno.test("IdentityBridge reads any text, and only plain names come out", () => {
  const text = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), fc.emailAddress());
  fc.assert(
    fc.property(
      text,
      fc.constantFrom<Substrate>("gcp-cloud-audit", "aws-cloudtrail"),
      (name, on) => {
        const found = bridge({ domain: "example.com" }, [[on, name]])(on, name);
        assert.match(found, /^(?:unmatched|ambiguous|[!-~]{1,254} by [a-z-]+(?:, claimed)?)$/);
      },
    ),
    { numRuns: 300 },
  );
});
