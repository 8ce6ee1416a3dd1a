/** Words that instructions are made of; a model reads them also when they are misspelt. */
const KEYS = [
  ...["ignore", "disregard", "forget", "override", "bypass", "previous", "prior", "earlier"],
  ...["instructions", "instruction", "prompt", "rules", "answer", "respond", "classify", "report"],
  ...["session", "operator", "verdict", "human", "person", "automation", "assistant", "system"],
];
const BY_LETTER: ReadonlyMap<string, readonly string[]> = Map.groupBy(KEYS, (key) => key[0]!);

/** A text with such words corrected: one letter wrong, missing, too many, or two in wrong order. */
export function correctedText(folded: string): string {
  return folded.replace(/(?<![a-z])[abcdefhioprsv][a-z]{3,13}(?![a-z])/g, (word) => {
    const keys = BY_LETTER.get(word[0]!) ?? [];
    return keys.find((key) =>
      !word.startsWith(key) && !key.startsWith(word) && isNear(word, key)
    ) ?? word;
  });
}

function isNear(word: string, key: string): boolean {
  if (Math.abs(word.length - key.length) > 1) return false;
  let begin = 0;
  while (begin < word.length && word[begin] === key[begin]) begin++;
  let end = 0;
  const most = Math.min(word.length, key.length) - begin;
  while (end < most && word.at(-1 - end) === key.at(-1 - end)) end++;
  const [left, right] = [word.slice(begin, word.length - end), key.slice(begin, key.length - end)];
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left === right[1]! + right[0]!;
}
