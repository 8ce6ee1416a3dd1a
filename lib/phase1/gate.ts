import type { OperatorType, Substrate } from "../model/vocabulary.ts";

/** The labels of the two gates. */
export type GateKey = "terminal.human" | "operator.driven";
/** What a verdict makes of a gate. */
export type GateValue = "true" | "false" | "unknown";

const GATES: Record<Substrate, GateKey | null> = {
  "teleport-recording": "terminal.human",
  "teleport-audit": null,
  "asciicast": "terminal.human",
  "tailscale-recording": "terminal.human",
  "aws-ssm-session": "terminal.human",
  "gcp-cloud-audit": "operator.driven",
  "gcp-gke-k8sio": "operator.driven",
  "gcp-iap-tunnel": null,
  "gcp-os-login": null,
  "aws-cloudtrail": "operator.driven",
};

const PASSES: Record<GateKey, Record<OperatorType, GateValue>> = {
  "terminal.human": {
    human: "true",
    mixed: "true",
    agent: "false",
    automation: "false",
    unknown: "unknown",
  },
  "operator.driven": {
    human: "true",
    agent: "true",
    mixed: "true",
    automation: "false",
    unknown: "unknown",
  },
};

/**
 * The gate of a substrate and what a verdict makes of it: `terminal.human` on recordings,
 * `operator.driven` on API sessions; null where neither question is asked.
 */
export function gateOf(
  substrate: unknown,
  operatorType: OperatorType,
): { key: GateKey; value: GateValue } | null {
  const key = typeof substrate === "string" && Object.hasOwn(GATES, substrate)
    ? GATES[substrate as Substrate]
    : null;
  return key === null ? null : { key, value: PASSES[key][operatorType] };
}
