import { frameColumns, frameLots } from "../../lib/store/frame.ts";
import { sessionFrame } from "../../lib/store/polars_frame.ts";
import { openStore } from "../../lib/store/store.ts";
import { measure, table } from "./measure.ts";
import { fillWithRows } from "./sessions_store.ts";
import type { Targets } from "./targets.ts";

/** What a frame may cost, in times of the bare SELECT of the same columns. */
const TARGET = 2;

/** What notebooks load: texts, numbers, counts and flags of a session, and its verdict. */
const COLUMNS = [
  ...["subject_id", "substrate", "kind", "principal", "login", "target", "started_at"],
  ...["duration_seconds", "operator_type", "confidence", "pty_events", "pty_bytes", "pty_seconds"],
  ...["pty_gap_p50", "pty_gap_p90", "pty_gap_cv", "pty_keys", "pty_corrections"],
  ...["pty_bracketed_paste", "pty_line_whole_share"],
];

/** A frame of many sessions with 20 columns, against the bare SELECT of these: a table. */
export async function benchFrames(
  folder: string,
  { rounds, sessions, targets }: { rounds: number; sessions: number; targets: Targets },
): Promise<string> {
  const path = `${folder}/rows.sqlite`;
  fillWithRows(path, sessions);
  using store = openStore(path, { readOnly: true });
  const columns = frameColumns(store).filter((name) => COLUMNS.includes(name));
  const { select, frame } = await measure({
    select() {
      let n = 0;
      for (const lot of frameLots(store, { columns, query: {}, lot: 5_000 })) n += lot.length;
      return n;
    },
    frame() {
      const { height, width } = sessionFrame(store, { columns });
      if (width !== COLUMNS.length) throw new Error(`${width} columns, not ${COLUMNS.length}`);
      return height;
    },
  }, { rounds });
  if (frame.result !== sessions) throw new Error(`${frame.result} rows, not ${sessions}`);
  const ratio = frame.processorMs / select.processorMs;
  targets.atMost("a frame of sessions, in times of its SELECT", ratio, TARGET);
  return table(["sessions", "columns", "bare SELECT", "frame", "ratio", "target"], [[
    String(sessions),
    String(COLUMNS.length),
    ...[select, frame].map(({ processorMs }) => `${processorMs.toFixed(0)} ms`),
    ratio.toFixed(2),
    TARGET.toFixed(1),
  ]]);
}
