import { UsageError } from "../../model/errors.ts";
import type { Store } from "../../store/store.ts";
import type { Call, ExitStatus, Terminal } from "../verb.ts";

/** What an action of `label` is called with, beside the store and its arguments. */
interface LabelContext {
  call: Call;
  terminal: Terminal;
}

/** One action of `label`, such as `set`. */
export type LabelAction = (
  store: Store,
  args: readonly string[],
  context: LabelContext,
) => ExitStatus | Promise<ExitStatus>;

/** Who labels, as `manual:<user>`. */
export function reviewer(call: Call, terminal: Terminal): string {
  const name = call.text("by") ?? terminal.user;
  if (name !== null && /^[\w.@-]{1,63}$/.test(name)) return `manual:${name}`;
  throw new UsageError("Say who labels with --by NAME (letters, digits, - _ . @)");
}
