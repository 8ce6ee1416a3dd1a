import { readingsOf } from "./folded_text.ts";

/** What an instruction to a reader tries. */
export type InstructionKind = "override" | "role" | "verdict" | "address" | "delimiter";

/** Whoever reads a session for a verdict, as its text may call it. */
const READER =
  "(?:ai|a\\.i\\.|llms?|language model|model|classifier|assistant|chat ?bot|reviewer|analyst|auditor|grader|judge|evaluator|claude|gpt|chatgpt|gemini|copilot|system)";
const HARMLESS =
  "(?:humans?|persons?|people|human operator|automation|automated|scripts?|cron|benign|harmless|safe|legitimate|trusted|authori[sz]ed|not? (?:an? )?(?:agent|ai|llm|bot)|no risk|risk none|low|none)";

/**
 * Phrases on folded text (`foldedText()`: lower case, Latin letters, single blanks). Each is linear:
 * its gaps are bounded. They need not be proof: what they find is withheld from the model and bars
 * it from lowering a verdict, and ordinary sessions rarely say such things.
 */
const PHRASES: readonly (readonly [InstructionKind, RegExp])[] = [
  [
    "override",
    /\b(?:ignore|disregard|forget|override|overrule|bypass|discard|drop|skip)\b.{0,50}\b(?:instructions?|prompts?|rules?|directions?|guidelines?|above|previous|prior|earlier|preceding|polic(?:y|ies))\b/,
  ],
  ["override", /\bnew (?:system )?(?:instructions?|prompt|task|rules?)\b ?[:.-]/],
  ["override", /\b(?:system|developer) (?:prompt|message|instructions?|override|note)\b/],
  [
    "override",
    /\b(?:ignorier\w*|ignorez|ignora|ignoren|ignore[sz]?|vergiss|oublie[zr]?|olvida|negeer)\b.{0,40}\b(?:anweisung\w*|instruc\w+|instrucciones|istruzioni|vorherige\w*|precedent\w*|anterior\w*)\b/,
  ],
  [
    "role",
    new RegExp(
      `\\b(?:you are|you're|act as|acting as|pretend|behave as|from now on|your (?:new )?(?:role|task|job|goal|answer|output|response|verdict) (?:is|must|should|will))\\b.{0,60}\\b(?:${READER}|human|classif\\w*|answer|output|respond|say|report|to)\\b`,
    ),
  ],
  [
    "role",
    /<\|? ?(?:im_start|im_end|im_sep|system|assistant|user|endoftext|eot_id|start_header_id)\b/,
  ],
  ["role", /\[\/?(?:inst|system|sys)\]|<<\/?sys>>|<\/?(?:system|assistant|instructions?|prompt)>/],
  ["role", /^[ >#*|-]{0,6}(?:system|assistant|developer)(?: message)? ?: \S/],
  [
    "verdict",
    /["']?\b(?:operator|driver|agent|risk|work)?[_ .-]?(?:operator[_ .-]?type|verdict|classification|risk[_ .-]?level|operator|driver)["']? ?(?:[:=]|is|was|->|=>) ?["']?(?:an? |the )?(?:human|person|people|automation|script|agent|mixed|unknown|none|low|benign|harmless)\b/,
  ],
  [
    "verdict",
    new RegExp(
      `\\b(?:this|the|these|above|following|entire|whole|all of this)\\b.{0,30}\\b(?:session|operator|user|terminal|recording|transcript|activity|driver|excerpt|commands?|log)\\b.{0,40}\\b(?:is|was|are|were|comes? from|belongs? to)\\b.{0,40}\\b${HARMLESS}\\b`,
    ),
  ],
  [
    "verdict",
    /\b(?:this is|it is|it was|i am|i'm|we are|typed by|driven by|operated by|written by)\b.{0,16}\b(?:a|an|the|one|real|actual)? ?(?:real |actual |verified |genuine )?(?:human|person)\b/,
  ],
  [
    "verdict",
    new RegExp(
      `\\b(?:classify|classified|label|labell?ed|mark|marked|report|reported|answer|respond|reply|output|return|rate|rated|score|treat|consider|conclude|verdict|say)\\b.{0,50}\\b(?:as|with|that|is|=|:|this|it|human|exactly|only)? ?.{0,30}\\b${HARMLESS}\\b`,
    ),
  ],
  [
    "address",
    new RegExp(
      `\\b(?:note|attention|message|instructions?|memo|warning|reminder|hint|request|notice|comment|addressed|intended)\\b.{0,16}\\b(?:to|for)\\b.{0,16}\\b${READER}\\b`,
    ),
  ],
  [
    "address",
    new RegExp(`\\b(?:dear|hey|hello|hi|attn|attention)\\b[ ,:-]{1,3}(?:the )?\\b${READER}\\b`),
  ],
  [
    "address",
    new RegExp(
      `\\bif (?:you|this|anyone|the reader).{0,20}\\b(?:are|is|reads?|reading|being read)\\b.{0,24}\\b(?:an? |by )?${READER}\\b`,
    ),
  ],
  [
    "delimiter",
    /(?:[-=<>#*_`[({~]{2}|\/)[ _-]{0,4}\b(?:end|begin|start|close|stop)(?:ing)?\b[ _-]{0,4}(?:of[ _-]{0,4})?(?:the[ _-]{0,4})?(?:untrusted[ _-]{0,4})?\b(?:transcript|excerpt|session|terminal|recording|data|input|document|text|content|context|output|log)\b/,
  ],
];

/** What stands behind so many characters of one line is looked at in pieces. */
const LONGEST_LINE = 4096;
const OVERLAP = 200;

/** What a line of terminal text tries on its reader; null where it tries nothing. */
export function instructionIn(line: string): InstructionKind | null {
  for (let at = 0; at < Math.max(1, line.length); at += LONGEST_LINE - OVERLAP) {
    for (const reading of readingsOf(line.slice(at, at + LONGEST_LINE))) {
      for (const [kind, phrase] of PHRASES) {
        if (phrase.test(reading)) return kind;
      }
    }
  }
  return null;
}

/**
 * Lines that hold an instruction to a reader, by their place in `lines`: by themselves, or read
 * together with the line behind where a sentence was broken.
 */
export function instructionLines(lines: readonly string[]): Map<number, InstructionKind> {
  const found = new Map<number, InstructionKind>();
  lines.forEach((line, i) => {
    const kind = instructionIn(line);
    if (kind !== null) found.set(i, kind);
  });
  for (let i = 0; i + 1 < lines.length; i++) {
    if (found.has(i) || found.has(i + 1)) continue;
    const kind = brokenInstruction(lines[i]!.trim(), lines[i + 1]!.trim());
    if (kind === null) continue;
    found.set(i, kind);
    found.set(i + 1, kind);
  }
  return found;
}

/** A few words that end a sentence which the line before began. */
const FEW_WORDS = 5;

// Two lines that only happen to follow each other say much by chance: what would override the reader
// counts, and a verdict whose last words stand alone.
function brokenInstruction(one: string, two: string): InstructionKind | null {
  if (one === "" || two === "") return null;
  const [end, begin] = [one.slice(-OVERLAP), two.slice(0, OVERLAP)];
  for (const both of [`${end} ${begin}`, `${end}${begin}`]) {
    const kind = instructionIn(both);
    if (kind === "override") return kind;
    if (kind !== null && two.split(/\s+/).length <= FEW_WORDS) return kind;
  }
  return null;
}
