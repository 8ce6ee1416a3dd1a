import { stringify } from "yaml";
import { compilePack, type PackFile } from "../../lib/phase1/pack.ts";
import type { RulePack } from "../../lib/phase1/rule.ts";

/** A rule file with the parts a test does not care about filled in. */
export function ruleFile(id: string, parts: Record<string, unknown> = {}): PackFile {
  const rule = {
    id,
    title: `Rule ${id}`,
    status: "test",
    applies: "has(pty_events)",
    when: "pty_events > 10",
    votes: [{ class: "agent", weight: 1 }],
    why: "A test wants it",
    falsePositives: ["None"],
    tests: [{ row: { pty_events: 20 }, expect: "fires" }],
    ...parts,
  };
  return { path: `${id}.yaml`, text: stringify(rule) };
}

/** The file of what rules share. */
export function packFile(parts: Record<string, unknown>): PackFile {
  return { path: "pack.yaml", text: stringify(parts) };
}

/** A pack of these files. */
export function packOf(...files: PackFile[]): RulePack {
  return compilePack(files);
}
