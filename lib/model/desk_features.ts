import type { FeatureRow, FeatureTable } from "./feature.ts";

/** What is measured of a desktop session: messages by what they are, never what they show. */
export const DESK_FEATURES = {
  desk_frames: { type: "integer", unit: "frames", doc: "Pieces of the screen that were drawn." },
  desk_bytes: { type: "integer", unit: "bytes", doc: "Bytes of these pieces." },
  desk_frame_gap_p50: { type: "number", unit: "s", doc: "Median gap between frames." },
  desk_inputs: {
    type: "integer",
    unit: "events",
    doc: "Movements, buttons and wheel of the mouse, and keys where they were recorded.",
  },
  desk_input_gap_p50: { type: "number", unit: "s", doc: "Median gap between inputs." },
  desk_input_gap_cv: { type: "number", unit: "", doc: "Coefficient of variation of these gaps." },
  desk_clipboard: { type: "integer", unit: "events", doc: "Times the clipboard was carried over." },
  desk_files: {
    type: "integer",
    unit: "events",
    doc: "Directories shared, and pieces of files read or written there.",
  },
} as const satisfies FeatureTable;

/** The `desk_…` columns of one subject. */
export type DeskFeatures = FeatureRow<typeof DESK_FEATURES>;
