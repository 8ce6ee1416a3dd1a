import assert from "node:assert/strict";
import { ApiCallFeatures } from "../../lib/features/api_calls/api_call_features.ts";
import { isRead } from "../../lib/features/api_calls/is_read.ts";
import { CALL_FEATURES } from "../../lib/model/call_features.ts";
import type { CallMinute } from "../../lib/model/call_minute.ts";
import fc from "../property.ts";
import { callRows, type TestCall } from "../sessions/call_rows.ts";

type Rest = Parameters<typeof callRows>[1];

function measured(rows: readonly CallMinute[]) {
  const features = new ApiCallFeatures({ foldMs: 2000 });
  for (const row of rows) features.addMinute([row]);
  return features.finish();
}

function featuresOf(calls: readonly TestCall[], rest?: Rest) {
  return measured(callRows(calls, rest)).features;
}

/** 2026-03-14 was a Saturday. */
const SATURDAY = Date.parse("2026-03-14T09:59:00Z") / 1000;

Deno.test("ApiCallFeatures measures every feature of the family", () => {
  const { features } = measured(callRows([{ at: 0 }, { at: 9 }]));
  assert.deepEqual(Object.keys(features).sort(), Object.keys(CALL_FEATURES).sort());
});

Deno.test("calls of one invocation are one command, however far apart and interleaved", () => {
  const features = featuresOf([
    { at: 0, command: "a" },
    { at: 1, command: "b" },
    { at: 4, command: "a" },
    { at: 14, command: "c" },
    { at: 14.5 },
    { at: 30 },
    { at: 31 },
  ]);
  assert.equal(
    features.call_commands,
    4,
    "a, b, c with the call close behind it, and the last two",
  );
  assert.equal(features.call_gap_p50, 10, "1, 10 and 15.5 s");
  assert.equal(features.call_command_calls_p50, 2);
  assert.equal(features.call_bursts, 4, "bursts know no commands");
  assert.equal(features.call_burst_calls_max, 2);
});

Deno.test("pauses of 5 s and more before a command may be thought", () => {
  const features = featuresOf([{ at: 0 }, { at: 3 }, { at: 10 }, { at: 10.5 }, { at: 40 }]);
  assert.equal(features.call_thinks, 2);
  assert.equal(features.call_think_p50, (7 + 29.5) / 2);
  assert.equal(features.call_think_max, 29.5);
  assert.equal(features.call_think_share, 2 / 3);
});

Deno.test("gaps of a log with whole seconds are not measured, pauses and bursts are", () => {
  const rest: Rest = { substrate: "aws-cloudtrail", resolutionMs: 1000 };
  const features = featuresOf([{ at: 0 }, { at: 0 }, { at: 1 }, { at: 9 }, { at: 90 }], rest);
  assert.deepEqual(
    [features.call_gap_p50, features.call_gap_p90, features.call_gap_cv],
    [null, null, null],
  );
  assert.equal(features.call_burst_gap_p50, null);
  assert.deepEqual([features.call_thinks, features.call_bursts], [2, 3]);
  assert.equal(features.call_per_busy_second, 5 / 4);
  assert.equal(features.call_resolution_ms, 1000);
});

Deno.test("the AWS CLI's session id is a shell's and folds no commands", () => {
  const rest: Rest = { substrate: "aws-cloudtrail", resolutionMs: 1000 };
  const features = featuresOf([{ at: 0, command: "sid" }, { at: 50, command: "sid" }], rest);
  assert.equal(features.call_commands, 2);
});

Deno.test("what comes like a clock is regular, what does not is not", () => {
  const every = (seconds: number[]) => featuresOf(seconds.map((at) => ({ at }))).call_regular_share;
  assert.equal(every([0, 30, 60, 90, 120, 151]), 1);
  assert.equal(every([0, 3, 60, 65, 120, 190]), 2 / 5);
  assert.equal(every([0, 30, 60, 90, 120]), null, "too few to tell");
});

Deno.test("hours and days are told in UTC", () => {
  const features = featuresOf([{ at: SATURDAY }, { at: SATURDAY + 120 }, { at: SATURDAY - 86400 }]);
  assert.deepEqual([features.call_start_hour, features.call_hours], [9, 2]);
  assert.equal(features.call_weekend_share, 2 / 3);
});

Deno.test("breadth counts services and methods, also by half hours", () => {
  const features = featuresOf([
    { at: 0, method: "a/Get" },
    { at: 10, method: "b/List" },
    { at: 20, method: "b/Delete" },
    { at: 1800, method: "a/Get" },
  ]);
  assert.deepEqual([features.call_services, features.call_methods], [2, 3]);
  assert.deepEqual([features.call_services_half_hour, features.call_methods_half_hour], [1.5, 2]);
  assert.deepEqual([features.call_top_method_share, features.call_top_service_share], [.5, .5]);
  assert.equal(features.call_read_share, 0.75);
});

Deno.test("isRead() goes by the verb of either cloud's methods", () => {
  const reads = [
    ...["v1.compute.instances.aggregatedList", "google.iam.admin.v1.IAM.ListRoles", "HeadObject"],
    ...["DescribeInstances", "BatchGetItem", "io.k8s.core.v1.pods.list", "TestIamPermissions"],
  ];
  const writes = [
    ...["v1.compute.instances.insert", "google.iam.admin.v1.IAM.SetIamPolicy", "AssumeRole"],
    ...["RunInstances", "io.k8s.core.v1.pods.exec.create", "Getter", "Listen", "other", ""],
  ];
  assert.deepEqual(reads.filter((method) => !isRead(`s/${method}`)), []);
  assert.deepEqual(writes.filter((method) => isRead(`s/${method}`)), []);
});

Deno.test("refusals are counted, and where they lie", () => {
  const denied = (at: number, method = "a/Get"): TestCall => ({ at, method, outcome: "denied" });
  const features = featuresOf([
    ...[denied(0), denied(10, "a/Set"), { at: 20 }, { at: 30 }, { at: 40 }, { at: 50 }],
    ...[{ at: 60 }, { at: 70 }, { at: 80 }, denied(90)],
  ]);
  assert.deepEqual([features.call_denied, features.call_denied_share], [3, 0.3]);
  assert.deepEqual([features.call_denied_early_share, features.call_denied_late_share], [
    ...[2 / 3, 1 / 3],
  ]);
  assert.deepEqual([features.call_denied_run, features.call_denied_methods], [2, 2]);
  assert.equal(features.call_errors, 3);
});

Deno.test("retries are told by what the service is asked next", () => {
  const of = (...calls: TestCall[]) => {
    const { call_retries_same, call_retries_changed, call_retries_wider } = featuresOf(calls);
    return [call_retries_same, call_retries_changed, call_retries_wider];
  };
  const failed: TestCall = { at: 0, method: "a/Get", resource: "x", outcome: "denied" };
  assert.deepEqual(of(failed, { at: 9, method: "a/Get", resource: "x" }), [1, 0, 0]);
  assert.deepEqual(of(failed, { at: 9, method: "a/Get", resource: "y" }), [0, 1, 0]);
  assert.deepEqual(of(failed, { at: 9, method: "a/SetIamPolicy", resource: "x" }), [0, 0, 1]);
  assert.deepEqual(of(failed, { at: 5, method: "b/Get" }, { at: 9, ...failedAgain() }), [1, 0, 0]);
  assert.deepEqual(of(failed, { at: 999, method: "a/Get", resource: "x" }), [0, 0, 0], "too late");
  const missing: TestCall = { ...failed, outcome: "not-found" };
  assert.deepEqual(of(missing, { at: 9, method: "a/List" }), [0, 0, 0], "not for want of a right");
  const throttled: TestCall = { ...failed, outcome: "throttled" };
  assert.deepEqual(of(throttled, { at: 1, method: "a/Get", resource: "x" }), [0, 0, 0]);
  const inside = { command: "c" };
  assert.deepEqual(of({ ...failed, ...inside }, { at: 1, method: "a/Set", ...inside }), [0, 0, 0]);

  function failedAgain(): Omit<TestCall, "at"> {
    return { method: "a/Get", resource: "x", outcome: "denied" };
  }
});

Deno.test("features do not hang on how hashes of resources sort, which each store's key decides", () => {
  const letters = ["r", "s", "t", "u"];
  const call = fc.record({
    at: fc.integer({ min: 0, max: 6 }).map((moment) => moment * 20),
    method: fc.constantFrom("a/Get", "a/List", "a/Set"),
    outcome: fc.constantFrom("ok", "denied", "not-found"),
    resource: fc.constantFrom(...letters),
  });
  fc.assert(fc.property(
    fc.array(call, { maxLength: 30 }),
    fc.shuffledSubarray(letters, { minLength: letters.length }),
    (calls, other) => {
      const under = (name: (resource: string) => string) => {
        const named = calls.map((one) => ({ ...one, resource: name(one.resource) }));
        const sorted = named.map((one) => ({ one, text: JSON.stringify(Object.values(one)) }))
          .sort((a, b) => a.one.at - b.one.at || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
        return featuresOf(sorted.map(({ one }) => one) as TestCall[]);
      };
      assert.deepEqual(
        under((resource) => other[letters.indexOf(resource)]!),
        under((resource) => resource),
      );
    },
  ));
});

Deno.test("calls that are only counted count, and end their minute", () => {
  const [row] = callRows([{ at: 0 }, { at: 1 }]);
  const later = callRows([{ at: 70 }]);
  const { features } = measured([{ ...row!, callsOmitted: 99_000 }, ...later]);
  assert.deepEqual([features.call_calls, features.call_omitted], [99_003, 99_000]);
  assert.equal(features.call_think_max, 10.001);
});

Deno.test("calls that open sessions elsewhere are told, and alone give the session its substrate", () => {
  const edges = (methods: string[], rest?: Rest) => {
    const told = measured(callRows(methods.map((method, i) => ({ at: i, method })), rest));
    return [told.standsAlone, told.edges.map(({ edge }) => edge).join()];
  };
  const exec = "k8s.io/io.k8s.core.v1.pods.exec.create";
  const list = "k8s.io/io.k8s.core.v1.pods.list";
  const tunnel = "iap.googleapis.com/AuthorizeUser";
  const login = "oslogin.googleapis.com/google.cloud.oslogin.v1.OsLoginService.CheckPolicy";
  const aws: Rest = { substrate: "aws-cloudtrail", resolutionMs: 1000 };
  assert.deepEqual(edges([list, exec]), ["gcp-gke-k8sio", "gke-exec"]);
  assert.deepEqual(edges([list, exec, "compute/get"]), [null, "gke-exec"]);
  assert.deepEqual(edges(["k8s.io/io.k8s.core.v1.pods.portforward.create"]), [
    ...["gcp-gke-k8sio", "gke-port-forward"],
  ]);
  assert.deepEqual(edges([tunnel, login]), ["gcp-iap-tunnel", "iap-tunnel,os-login"]);
  assert.deepEqual(edges([login]), ["gcp-os-login", "os-login"]);
  assert.deepEqual(
    edges(["ssm.amazonaws.com/StartSession", "ssm.amazonaws.com/TerminateSession"], aws),
    [
      ...["aws-ssm-session", "ssm-session,ssm-session-ended"],
    ],
  );
  assert.deepEqual(edges(["ssm.amazonaws.com/StartSession", "s3.amazonaws.com/Get"], aws), [
    ...[null, "ssm-session"],
  ]);
  assert.deepEqual(edges(["signin.amazonaws.com/ConsoleLogin"], aws), [null, "console-sign-in"]);
  const web = callRows([{ at: 0, method: tunnel }]);
  web[0]!.calls[0]![4] = "services";
  assert.deepEqual(measured(web).edges, [], "a web application is no tunnel");
});
