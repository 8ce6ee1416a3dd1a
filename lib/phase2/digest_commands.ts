import type { NotableEventRow } from "../store/notable_events.ts";
import { callGraph, type Digest } from "./digest.ts";
import { secondsText } from "./seconds_text.ts";

const SILENCE_MS = 10_000;

/**
 * The commands of a session that a log kept without its terminal (exec, BPF, Kubernetes): a line
 * each with its time, what started, how many arguments it had, how it ended. Commands alike that
 * follow each other are folded with their count.
 */
export function digestCommands(events: readonly NotableEventRow[]): Digest {
  const lines: string[] = [];
  const times = events.map(({ at }) => at === null ? null : Date.parse(at));
  const origin = times.find((time) => time !== null) ?? 0;
  let before = origin;
  for (let i = 0; i < events.length;) {
    const at = times[i] ?? before;
    const text = commandText(events[i]!);
    let end = i + 1;
    while (end < events.length && commandText(events[end]!) === text) end++;
    if (at - before >= SILENCE_MS) lines.push(`(silence of ${secondsText(at - before)})`);
    const more = end - i > 1 ? `  (and ${end - i - 1} more alike)` : "";
    lines.push(`${secondsText(at - origin)} ${text}${more}`);
    before = times[end - 1] ?? at;
    i = end;
  }
  return callGraph(lines);
}

function commandText({ kind, program, program_hash, subcommand, ...more }: NotableEventRow) {
  const { argument_count, exit_code } = more;
  const name = program ?? (program_hash === null ? "" : `program ${program_hash.slice(0, 6)}`);
  const words = [
    kind,
    subcommand ?? name,
    argument_count === null ? "" : `${argument_count} arguments`,
    exit_code === null ? "" : `exit ${exit_code}`,
  ];
  return words.filter((word) => word !== "").join(", ");
}
