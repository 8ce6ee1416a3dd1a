import { printable } from "../model/printable.ts";
import { formatPhase2 } from "./phase2/phase2_summary.ts";
import { formatVolume } from "./phase2/phase2_volume.ts";
import type { RunSummary } from "./run.ts";

/** A run's summary as text that is safe to show in a terminal. */
export function formatSummary(summary: RunSummary): string {
  const { coverage } = summary;
  const lines = [
    `Sessions      ${coverage.sessions}`,
    ...rowsOf(coverage.sessionsBy),
    ...section("Who drove them", summary.verdicts),
    ...formatAcross(summary.across),
    ...section("Recordings", coverage.recordings),
    ...section(
      "Left out",
      Object.fromEntries(
        coverage.skips.map(({ source, reason, count }) => [`${source}: ${reason}`, count]),
      ),
    ),
    `Phase 2       ${
      (summary.model === null ? formatVolume(summary.phase2) : formatPhase2(summary.model))
        .map(printable).join("\n  ")
    }`,
    `Rules         ${summary.rules}`,
    `Store         ${printable(summary.store)}`,
    `Time          ${summary.seconds.toFixed(1)} s`,
    ...summary.problems.map((problem) => `Problem       ${printable(problem)}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** What sessions of one identity say together, a line each. */
export function formatAcross(across: RunSummary["across"]): string[] {
  const { principals, activities, tiers, contradictions, leftOut } = across;
  return [
    ...section(`Identities    ${principals.identities}`, {
      "principals matched": principals.matched,
      "principals unmatched": principals.unmatched,
      "principals ambiguous": principals.ambiguous,
    }),
    ...section("Activities", activities),
    ...section("Correlated", tiers),
    ...section("Contradictions", contradictions),
    ...section("Not compared", { "sessions at once beyond the limit": leftOut }),
  ];
}

function section(title: string, counts: Readonly<Record<string, number>>): string[] {
  const rows = rowsOf(counts);
  return rows.length === 0 ? [] : [title, ...rows];
}

/** Of a name no more: a store from elsewhere may hold any. */
const MAX_NAME = 200;

function rowsOf(counts: Readonly<Record<string, number>>): string[] {
  const rows = Object.entries(counts).filter(([, count]) => count > 0)
    .map(([name, count]) => [printable(name.slice(0, MAX_NAME)), count] as const);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, count]) => `  ${name.padEnd(width)}  ${count}`);
}
