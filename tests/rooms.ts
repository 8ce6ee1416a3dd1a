/** Any room. */
export const ALL_ROOMS = ["*"];

/** Which rooms a room may import from, as the design says. */
export const MAY_IMPORT: Record<string, readonly string[]> = {
  "mod.ts": ALL_ROOMS,
  model: [],
  config: ["model"],
  sources: ["model", "config"],
  recording: ["model"],
  features: ["model"],
  sessions: ["model", "features"],
  store: ["model"],
  phase1: ["model", "store"],
  redact: ["model"],
  phase2: ["model", "recording", "store", "redact"],
  evaluation: ["model", "store"],
  charts: ["model"],
  notebook: ["model", "store", "recording", "charts", "redact"],
  pipeline: [
    "model",
    "config",
    "sources",
    "recording",
    "features",
    "sessions",
    "store",
    "phase1",
    "redact",
    "phase2",
    "evaluation",
    "charts",
  ],
  cli: ALL_ROOMS,
};
