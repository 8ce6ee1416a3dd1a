import assert from "node:assert/strict";
import { Chains, type IssuedCredential, longestChain } from "../../lib/sessions/chains.ts";
import { succession } from "../../lib/sessions/succeed.ts";

function stretch(id: string, startedMs: number, endedMs: number) {
  return { id, startedMs, endedMs };
}

Deno.test("succession() leads old ids to what holds their begin, or overlaps them first", () => {
  const before = [
    ...[stretch("kept", 0, 10), stretch("joined", 20, 30), stretch("front", 50, 60)],
    ...[stretch("cut", 80, 99), stretch("gone", 200, 210)],
  ];
  const after = [
    ...[stretch("kept", 0, 30), stretch("longer", 45, 60), stretch("rest", 90, 99)],
    stretch("new", 300, 310),
  ];
  assert.deepEqual(succession(before, after), {
    moved: [
      { from: "joined", to: "kept" },
      { from: "front", to: "longer" },
      { from: "cut", to: "rest" },
    ],
    gone: ["gone"],
  });
});

function issue(used: string, issued: string, principal: string): IssuedCredential {
  return { used, issued, principal, byService: principal.endsWith(".amazonaws.com") };
}

Deno.test("Chains follows credentials to whoever began, through cycles too", () => {
  const chains = new Chains([
    issue("k1", "k2", "user"),
    issue("k2", "k3", "entry"),
    issue("", "f1", "saml"),
    issue("f1", "f2", "sso"),
    issue("", "e1", "ec2.amazonaws.com"),
    // the account of a role logs the caller from another account by its id, without its key
    issue("a1", "r1", "arn:aws:iam::1:user/ana"),
    issue("", "r1", "AIDAEXAMPLEUSERID0001"),
    issue("", "r2", "AROAEXAMPLEROLEID0001:session"),
    issue("x", "y", "left"),
    issue("y", "x", "right"),
  ]);
  assert.deepEqual(chains.of("k2"), { depth: 1, origin: "user" });
  assert.deepEqual(chains.of("k3"), { depth: 2, origin: "user" });
  assert.deepEqual(chains.of("f1"), { depth: 0, origin: "saml" }, "a federation is no step");
  assert.deepEqual(chains.of("f2"), { depth: 1, origin: "saml" });
  assert.deepEqual(chains.of("e1"), { depth: 0, origin: null }, "nobody is behind a service");
  assert.deepEqual(chains.of("r1"), { depth: 1, origin: "arn:aws:iam::1:user/ana" });
  assert.deepEqual(chains.of("r2"), { depth: 1, origin: "AROAEXAMPLEROLEID0001:session" });
  assert.equal(chains.of("k1"), null);
  assert.equal(chains.of("x")!.depth, 1, "a circle ends where it began");
  assert.deepEqual(longestChain([chains.of("f1")!, chains.of("k3")!]), chains.of("k3"));
  assert.equal(longestChain([]), null);
  const long = Array.from({ length: 1000 }, (_, i) => issue(`k${i}`, `k${i + 1}`, `p${i}`));
  assert.equal(new Chains(long).of("k1000")!.depth, 64);
});
