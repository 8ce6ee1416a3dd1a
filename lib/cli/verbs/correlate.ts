import { UsageError } from "../../model/errors.ts";
import type { Correlation } from "../../model/correlation.ts";
import { loadPack } from "../../phase1/pack.ts";
import { classify } from "../../phase1/classify.ts";
import { correlateSessions } from "../../pipeline/across/correlate.ts";
import { formatCorrelation } from "../../pipeline/across/format_correlation.ts";
import { putAcross } from "../../pipeline/across/put_across.ts";
import { lockStore } from "../../pipeline/run_lock.ts";
import { formatAcross } from "../../pipeline/summary.ts";
import { readContradictions, readCorrelations } from "../../store/correlations.ts";
import { requireStore } from "../../store/database_file.ts";
import { readWideRows, type WideRow } from "../../store/frame.ts";
import { readUnidentified } from "../../store/identities.ts";
import { openStore, type Store } from "../../store/store.ts";
import { formatRows, FORMATS, parseFormat } from "../format.ts";
import { rulesFolder, settingsOf } from "../settings.ts";
import type { Verb } from "../verb.ts";

const WHAT = ["correlations", "activities", "contradictions", "unmatched", "ambiguous"] as const;
type What = (typeof WHAT)[number];
const COLUMNS: Record<What, readonly string[]> = {
  correlations: [
    ...["correlation_id", "tier", "score", "overlap", "agreement", "identity", "other_identity"],
    ...["session_id", "other_id"],
  ],
  activities: [
    ...["operator_type", "confidence", "sessions", "relation", "principal", "login", "target"],
    ...["started_at", "activity_id"],
  ],
  contradictions: ["kind", "at", "identity", "session_id", "other_id", "evidence"],
  unmatched: ["substrate", "principal", "sessions"],
  ambiguous: ["substrate", "principal", "sessions"],
};
const MOST_PRINCIPALS = 10_000;

/** Sessions of one identity across substrates: found, held against each other, listed. */
export const correlateVerb: Verb = {
  name: "correlate",
  summary: "identities, activities and sessions of one operator on several substrates",
  positionals: "[ID]",
  flags: {
    show: { value: WHAT.join("|"), help: "what to list (default: correlations)" },
    rules: { value: "DIR", help: "rule packs (default: the configuration's, else the kit's own)" },
    format: {
      value: "table|jsonl|csv|md",
      help: "how to print; md: the correlation named by ID, as Markdown for a ticket",
    },
  },
  async run(call, terminal) {
    const format = parseFormat(call.text("format"), [...FORMATS, "md"]);
    const what = parseFormat<What>(call.text("show"), WHAT);
    const [id, ...more] = call.positionals;
    if (more.length > 0) throw new UsageError("correlate takes one ID of a correlation");
    if (format === "md" && id === undefined) {
      throw new UsageError(
        "--format md is of one correlation; name its ID, as `correlate` lists it",
      );
    }
    const { config } = await settingsOf(call);
    if (id !== undefined) {
      using store = openStore(config.store, { readOnly: true });
      const found = theOne(store, id);
      terminal.out(
        format === "md"
          ? formatCorrelation(store, found)
          : formatRows([correlationRow(found)], { columns: COLUMNS.correlations, format }),
      );
      return 0;
    }
    requireStore(config.store);
    const pack = await loadPack(rulesFolder(call, config));
    const now = terminal.now();
    using _lock = lockStore(config.store, { command: "correlate", now });
    using store = openStore(config.store);
    await putAcross(store, { ...config, now });
    // activities are new, and rules read how sessions differ from earlier ones
    classify(store, pack, { now, prior: config.phase1.prior });
    const summary = await correlateSessions(store, { ...config, now });
    if (format !== "md") {
      terminal.out(formatRows(rowsOf(store, what), { columns: COLUMNS[what], format }));
    }
    terminal.err(`${formatAcross(summary).join("\n")}\n`);
    return 0;
  },
};

function theOne(store: Store, id: string): Correlation {
  const found = readCorrelations(store, { id });
  if (found.length === 1) return found[0]!;
  throw new UsageError(
    `${found.length === 0 ? "No correlation" : "More than one correlation"} has the ID ${
      JSON.stringify(id.slice(0, 40))
    }; give six characters or more of one that \`correlate\` lists`,
  );
}

function rowsOf(store: Store, what: What): object[] {
  switch (what) {
    case "correlations":
      return readCorrelations(store).map(correlationRow);
    case "activities":
      return [...readWideRows(store, { kind: "activity" })].map(activityRow)
        .sort((a, b) => b.sessions - a.sessions);
    case "contradictions":
      return readContradictions(store).map(({ id, kind, identity, sessions, atMs, evidence }) => ({
        ...{ contradiction_id: id, kind, at: new Date(atMs).toISOString(), identity },
        ...{ session_id: sessions[0], other_id: sessions[1] ?? null, evidence },
      }));
    case "unmatched":
    case "ambiguous":
      return readUnidentified(store, { state: what, limit: MOST_PRINCIPALS });
  }
}

function activityRow(row: WideRow) {
  const names = [
    ...["activity_id", "operator_type", "confidence", "substrate", "kind", "principal", "login"],
    ...["target", "started_at", "ended_at", "act_targets"],
  ];
  return {
    ...Object.fromEntries(names.map((name) => [name, row[name] ?? null])),
    ...{ sessions: Number(row["members"]), relation: row["activity_relation"] },
  };
}

function correlationRow(correlation: Correlation): object {
  const { id, identity, sessions, overlap, overlapSeconds, agreement, score, tier } = correlation;
  return {
    ...{ correlation_id: id, tier, score, overlap, overlap_seconds: overlapSeconds, agreement },
    ...{ identity, other_identity: correlation.otherIdentity },
    ...{ session_id: sessions[0], other_id: sessions[1] },
    evidence: correlation.evidence,
  };
}
