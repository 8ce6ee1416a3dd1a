import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { measure, type Measures } from "../../lib/evaluation/measure.ts";
import { RecordingFeatures } from "../../lib/features/recording_features.ts";
import type { JudgedSubject } from "../../lib/model/judgement.ts";
import { evaluateRow } from "../../lib/phase1/evaluate.ts";
import type { Row } from "../../lib/phase1/expression.ts";
import { loadPack } from "../../lib/phase1/pack.ts";
import { readRecording } from "../../lib/recording/read.ts";

const FOLDER = fileURLToPath(new URL("../../rules", import.meta.url));
/** 195 public recordings that are kept beside the project, not in it. */
const CASTS = fileURLToPath(new URL("../../../shared/data/casts", import.meta.url));
const absent = !existsSync(join(CASTS, "labels.tsv"));
const pack = await loadPack(FOLDER);

interface Recorded {
  file: string;
  truth: string;
  source: string;
  row: Row;
}

async function recordings(): Promise<Recorded[]> {
  const [head = "", ...lines] = (await readFile(join(CASTS, "labels.tsv"), "utf8")).trim()
    .split("\n");
  const columns = head.split("\t");
  const out: Recorded[] = [];
  for (const line of lines) {
    const cells = line.split("\t");
    const cell = (name: string) => cells[columns.indexOf(name)] ?? "";
    const bytes = await readFile(join(CASTS, cell("file")));
    const features = new RecordingFeatures();
    for await (const batch of readRecording({ uri: cell("file"), bytes })) features.add(batch);
    const { pty, cmd } = features.finish();
    out.push({
      file: cell("file"),
      truth: cell("truth.operator-type"),
      source: cell("source"),
      row: { substrate: "asciicast", kind: "pty", labels: {}, ...pty, ...cmd },
    });
  }
  return out;
}

function judge(recorded: readonly Recorded[]): Measures {
  return measure(recorded.map(({ file, truth, source, row }): JudgedSubject => {
    const { operatorType, cohort } = evaluateRow(pack, row);
    return {
      ...{ subjectId: file, truth, verdict: operatorType, cohort },
      ...{ group: source, session: file, facets: {} },
    };
  }));
}

function cell(measures: Measures, truth: string, called: string): number {
  return measures.confusion.find((row) => row.truth === truth)?.cells[called] ?? 0;
}

Deno.test({
  name: "the pack on public recordings keeps to its targets (needs ../shared/data)",
  ignore: absent,
  async fn() {
    const measures = judge(await recordings());
    const judged = measures.n - measures.withheld;
    const share = (truth: string, called: string) => {
      const row = measures.confusion.find((each) => each.truth === truth)!;
      return cell(measures, truth, called) /
        (row.n - (row.cells["withheld: insufficient-data"] ?? 0));
    };
    assert.equal(measures.n, 195);
    assert.equal(measures.withheld, 31);
    assert(cell(measures, "human", "agent") <= 1);
    assert(share("human", "human") >= 0.85);
    assert(share("agent", "agent") >= 0.75);
    assert(share("automation", "human") <= 0.05);
    assert(share("automation", "agent") <= 0.1);
    assert(measures.abstained / judged <= 0.2);
    const typing = measures.groups.find((group) => group.group.includes("terminus2"));
    assert.equal(typing?.right, typing?.n);
  },
});
