import type { FeatureRow, FeatureTable } from "./feature.ts";

/** What is measured of the processes of a session: exec, BPF and kube events. */
export const CMD_FEATURES = {
  cmd_commands: {
    type: "integer",
    unit: "events",
    doc: "Commands: exec and BPF events and Kubernetes requests together.",
  },
  cmd_exec: { type: "integer", unit: "events", doc: "Exec events: commands given at connection." },
  cmd_bpf: { type: "integer", unit: "events", doc: "Processes started, as BPF saw them." },
  cmd_network: { type: "integer", unit: "events", doc: "Network connections, as BPF saw them." },
  cmd_disk: { type: "integer", unit: "events", doc: "Files opened, as BPF saw them." },
  cmd_programs: { type: "integer", unit: "programs", doc: "Distinct programs." },
  cmd_depth: { type: "integer", unit: "levels", doc: "Depth of the process tree." },
  cmd_failures: {
    type: "integer",
    unit: "events",
    doc: "Commands with an exit code other than 0, and refused requests.",
  },
  cmd_gap_p50: { type: "number", unit: "s", doc: "Median gap between commands." },
  cmd_gap_p90: { type: "number", unit: "s", doc: "90th percentile of the gaps between commands." },
  cmd_burst_share: { type: "number", unit: "0..1", doc: "Share of gaps under 0.2 s." },
  cmd_single_shot: { type: "flag", unit: "", doc: "One command, no terminal." },
} as const satisfies FeatureTable;

/** The `cmd_…` columns of one subject. */
export type CmdFeatures = FeatureRow<typeof CMD_FEATURES>;
