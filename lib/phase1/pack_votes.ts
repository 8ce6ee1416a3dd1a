import type { RuleFault } from "../model/errors.ts";
import type { RuleVotes } from "../model/verdict.ts";
import { suggestion } from "./suggestion.ts";
import type { Shared } from "./pack_shared.ts";
import type { RuleKind } from "./rule.ts";
import type { RuleFile } from "./rule_schema.ts";
import type { YamlSource } from "./yaml_source.ts";

/** The votes of a rule file, checked. */
interface CollectedVotes {
  kind: RuleKind;
  stored: RuleVotes;
  /** Votes for the tool that a text names: expressions that are still to be compiled. */
  named: { text: string; path: readonly (string | number)[]; weight: number }[];
}

/** Brings the votes of a rule together; what does not go together is a fault. */
export function collectVotes(
  file: RuleFile,
  source: YamlSource,
  into: { shared: Shared; faults: RuleFault[] },
): CollectedVotes {
  const { shared, faults } = into;
  const kinds = new Set<RuleKind>();
  const stored: RuleVotes = {};
  const named: CollectedVotes["named"] = [];
  for (const [index, vote] of file.votes.entries()) {
    const at = source.at(["votes", index]);
    const add = <Name extends string>(
      weights: Partial<Record<Name, number>> | undefined,
      name: Name,
      weight: number,
    ): Partial<Record<Name, number>> => {
      if (weights?.[name] !== undefined) {
        faults.push({ problem: `Two votes for "${name}" in one rule`, at });
      }
      return { ...weights, [name]: weight } as Partial<Record<Name, number>>;
    };
    if ("class" in vote) {
      kinds.add("score");
      stored.weights = add(stored.weights, vote.class, vote.weight);
    } else if ("tool" in vote) {
      kinds.add("fingerprint");
      stored.tools = add(stored.tools, vote.tool, vote.weight);
    } else if ("model" in vote) {
      kinds.add("fingerprint");
      stored.models = add(stored.models, vote.model, vote.weight);
    } else if ("toolIn" in vote) {
      kinds.add("fingerprint");
      named.push({ text: vote.toolIn, path: ["votes", index, "toolIn"], weight: vote.weight });
    } else if ("cohort" in vote) {
      kinds.add("cohort");
      stored.cohort = vote.cohort;
      checkName(vote.cohort, { of: "cohort", known: shared.cohorts, at, faults });
    } else {
      kinds.add("routing");
      stored.routing = { phase2: vote.routing, reason: vote.reason };
      checkName(vote.reason, { of: "routing reason", known: shared.reasons, at, faults });
    }
  }
  const [kind = "score"] = kinds;
  const alone = kind === "cohort" || kind === "routing";
  if (kinds.size > 1 || (alone && file.votes.length > 1)) {
    faults.push({
      problem: "A rule votes for classes, or for tools and models, or names one cohort or routing",
      at: source.at(["votes"]),
    });
  }
  return { kind, stored, named };
}

function checkName(
  name: string,
  options: {
    of: string;
    known: ReadonlyMap<string, string>;
    at: RuleFault["at"];
    faults: RuleFault[];
  },
): void {
  const { of, known, at, faults } = options;
  if (known.has(name)) return;
  faults.push({ problem: `Unknown ${of} "${name}"${suggestion(name, known.keys())}`, at });
}
