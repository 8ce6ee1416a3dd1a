import assert from "node:assert/strict";
import { callOutcome } from "../../lib/features/call_outcome.ts";

Deno.test("callOutcome() folds Google's codes to classes", () => {
  const of = (code: string | null, granted: boolean | null = null) =>
    callOutcome({ code, granted }, { substrate: "gcp-cloud-audit" });
  const codes = [null, "0", "3", "5", "6", "7", "8", "9", "13", "16", "x", "toString"];
  assert.deepEqual(codes.map((code) => of(code)), [
    ...["ok", "ok", "invalid", "not-found", "exists", "denied", "throttled", "failed", "failed"],
    ...["denied", "failed", "failed"],
  ]);
  assert.equal(of(null, false), "denied");
  assert.equal(of("5", false), "not-found");
  assert.equal(of(null, true), "ok");
});

Deno.test("callOutcome() folds CloudTrail's error codes to classes", () => {
  const cases: Record<string, string> = {
    "AccessDenied": "denied",
    "AccessDeniedException": "denied",
    "Client.UnauthorizedOperation": "denied",
    "UnauthorizedAccess": "denied",
    "Client.AuthFailure": "denied",
    "InvalidClientTokenId": "denied",
    "ExpiredTokenException": "denied",
    "FailedAuthentication": "denied",
    "ThrottlingException": "throttled",
    "Client.RequestLimitExceeded": "throttled",
    "SlowDown": "throttled",
    "Client.InvalidInstanceID.NotFound": "not-found",
    "NoSuchEntityException": "not-found",
    "ServerSideEncryptionConfigurationNotFoundError": "not-found",
    "EntityAlreadyExistsException": "exists",
    "Client.InvalidGroup.Duplicate": "exists",
    "ValidationException": "invalid",
    "Client.MissingParameter": "invalid",
    "Client.DryRunOperation": "ok",
    "Server.InternalError": "failed",
    "DeleteConflict": "failed",
  };
  for (const [code, outcome] of Object.entries(cases)) {
    assert.equal(
      callOutcome({ code, granted: null }, { substrate: "aws-cloudtrail" }),
      outcome,
      code,
    );
  }
  assert.equal(callOutcome({ code: null, granted: null }, { substrate: "aws-cloudtrail" }), "ok");
});
