import assert from "node:assert/strict";
import "./part_cases.ts";
import "./record_cases.ts";
import "./time_cases.ts";
import "./content_cases.ts";
import "./audit_log_cases.ts";
import { coveredCases, EDGE_CASES } from "./edge_case.ts";

Deno.test("every edge case of the format has a test, and no other number has", () => {
  assert.deepEqual(coveredCases(), Array.from({ length: EDGE_CASES }, (_, i) => i + 1));
});
