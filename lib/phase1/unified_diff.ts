/** Lines around a change that are shown. */
const CONTEXT = 3;

type Line = { sign: " " | "-" | "+"; text: string; before: number; after: number };

/** The difference of two texts as `diff -u` tells it; empty where they are the same. */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = compared(before.split("\n"), after.split("\n"));
  const changed = lines.flatMap(({ sign }, i) => sign === " " ? [] : [i]);
  const hunks: [from: number, until: number][] = [];
  for (const i of changed) {
    const last = hunks.at(-1);
    const until = Math.min(lines.length, i + CONTEXT + 1);
    if (last !== undefined && i - CONTEXT <= last[1]) last[1] = until;
    else hunks.push([Math.max(0, i - CONTEXT), until]);
  }
  const text = hunks.map(([from, until]) => {
    const part = lines.slice(from, until);
    const [first] = part as [Line];
    const old = part.filter(({ sign }) => sign !== "+").length;
    const young = part.filter(({ sign }) => sign !== "-").length;
    const head = `@@ -${first.before + 1},${old} +${first.after + 1},${young} @@`;
    return [head, ...part.map(({ sign, text }) => sign + text)].join("\n");
  });
  return [`--- ${name}`, `+++ ${name}`, ...text].join("\n") + "\n";
}

/** Every line of both texts, kept, taken out or put in: by their longest common part. */
function compared(before: readonly string[], after: readonly string[]): Line[] {
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * width + j] = before[i] === after[j]
        ? common[(i + 1) * width + j + 1]! + 1
        : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
    }
  }
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const at = { before: i, after: j };
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ sign: " ", text: before[i]!, ...at });
      i++;
      j++;
    } else if (
      j >= after.length ||
      (i < before.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!)
    ) lines.push({ sign: "-", text: before[i++]!, ...at });
    else lines.push({ sign: "+", text: after[j++]!, ...at });
  }
  return lines;
}
