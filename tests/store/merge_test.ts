import assert from "node:assert/strict";
import { mergeStore } from "../../lib/store/merge.ts";
import { addAlias, resolveSessionId } from "../../lib/store/sessions.ts";
import { NOW, sampleStore } from "./sample.ts";

Deno.test("mergeStore() takes former ids of sessions along, and counts those that name another here", () => {
  using into = sampleStore("ours", "both", "grown");
  addAlias(into, "rival", "ours");
  addAlias(into, "earlier", "grown");
  using from = sampleStore("both", "theirs", "earlier");
  const aliases = [
    ["of-both", "both"],
    ["rival", "theirs"],
    // a session of its own there, a former id here, and the other way round
    ["of-earlier", "earlier"],
    ["ours", "theirs"],
  ] as const;
  for (const [alias, session] of aliases) addAlias(from, alias, session);

  for (let time = 0; time < 2; time++) {
    const { aliasConflicts, kept } = mergeStore(into, from, { now: NOW });
    assert.deepEqual({ aliasConflicts, kept }, { aliasConflicts: 2, kept: 1 });
    const now = ["of-both", "rival", "of-earlier", "ours", "theirs", "earlier"]
      .map((id) => resolveSessionId(into, id));
    assert.deepEqual(now, ["both", "ours", "grown", "ours", "theirs", "grown"]);
  }
});
