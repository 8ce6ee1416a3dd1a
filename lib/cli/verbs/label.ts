import { checkLabel, isLabelKey } from "../../model/label.ts";
import { LabelError, UsageError } from "../../model/errors.ts";
import { printable } from "../../model/printable.ts";
import { labelHistory, listLabels, removeLabels, setLabels } from "../../store/labels.ts";
import { requireStore } from "../../store/database_file.ts";
import { resolveSubjectId } from "../../store/segments.ts";
import { openStore, type Store } from "../../store/store.ts";
import { formatRows, parseFormat } from "../format.ts";
import { settingsOf } from "../settings.ts";
import { FORMAT_FLAG, type Verb } from "../verb.ts";
import { type LabelAction, reviewer } from "./label_action.ts";
import { exportReviews, importReviews } from "./label_exchange.ts";
import { showAgreement, showQueue } from "./label_review.ts";

/** Labels by hand: what a person says stands before what a machine says. */
export const label: Verb = {
  name: "label",
  summary: "labels by hand: set, rm, ls, history, export, import, agreement, next",
  positionals:
    "set ID KEY=VALUE… | rm ID KEY… | ls ID | history ID | export | import FILE | agreement | next",
  flags: {
    by: { value: "NAME", help: "who labels (default: the user of this system)" },
    selector: { value: "S", help: "export, next: only sessions that match" },
    key: { value: "KEY", help: "agreement: one key only (default: all that two reviewers set)" },
    limit: { value: "N", help: "next: how many sessions (default: 20)" },
    format: FORMAT_FLAG,
  },
  async run(call, terminal) {
    const [action, ...rest] = call.positionals;
    const run = action !== undefined && Object.hasOwn(ACTIONS, action)
      ? ACTIONS[action]
      : undefined;
    if (run === undefined) {
      throw new UsageError(
        `label takes ${Object.keys(ACTIONS).join(", ")}; see \`deno task shellscope label --help\``,
      );
    }
    const { config } = await settingsOf(call);
    requireStore(config.store);
    using store = openStore(config.store, { readOnly: READING.has(action!) });
    return await run(store, rest, { call, terminal });
  },
};

const READING = new Set(["ls", "history", "export", "agreement", "next"]);

const ACTIONS: Record<string, LabelAction> = {
  set(store, args, { call, terminal }) {
    const [id, ...pairs] = args;
    const subject_id = subjectOf(store, id);
    if (pairs.length === 0) throw new UsageError("label set ID needs at least one KEY=VALUE");
    const labels = pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new UsageError(`${JSON.stringify(pair.slice(0, 80))} is not KEY=VALUE`);
      const [key, value] = [pair.slice(0, at), pair.slice(at + 1)];
      checkLabel(key, value);
      return { subject_id, key, value };
    });
    const by = { setBy: reviewer(call, terminal), now: terminal.now() };
    // all or none: half of a reviewer's judgement is none
    store.transaction(() => {
      for (const label of setLabels(store, labels, by)) {
        if (label.outcome === "refused") throw new LabelError(label.reason);
      }
    });
    terminal.err(`${labels.length} set on ${printable(subject_id)}\n`);
    return 0;
  },

  rm(store, args, { call, terminal }) {
    const [id, ...keys] = args;
    const subject_id = subjectOf(store, id);
    if (keys.length === 0) throw new UsageError("label rm ID needs at least one KEY");
    for (const key of keys) {
      if (!isLabelKey(key)) throw new LabelError(`${JSON.stringify(key.slice(0, 80))} is no key`);
    }
    const removed = removeLabels(store, { subjectId: subject_id, keys }, {
      setBy: reviewer(call, terminal),
      now: terminal.now(),
    });
    terminal.err(`${removed} removed from ${printable(subject_id)}\n`);
    return 0;
  },

  ls(store, args, { call, terminal }) {
    const rows = listLabels(store, subjectOf(store, args[0]));
    const columns = ["key", "value", "set_by", "set_at"];
    terminal.out(formatRows([...rows], { columns, format: parseFormat(call.text("format")) }));
    return 0;
  },

  history(store, args, { call, terminal }) {
    const rows = labelHistory(store, subjectOf(store, args[0]));
    const columns = ["set_at", "set_by", "key", "old_value", "new_value"];
    terminal.out(formatRows([...rows], { columns, format: parseFormat(call.text("format")) }));
    return 0;
  },

  export: exportReviews,
  import: importReviews,
  agreement: showAgreement,
  next: showQueue,
};

function subjectOf(store: Store, id: string | undefined): string {
  if (id === undefined) throw new UsageError("label needs the ID of a session");
  const known = resolveSubjectId(store, id);
  if (known !== null) return known;
  throw new UsageError(`There is no session ${JSON.stringify(id.slice(0, 80))} in this store`);
}
