/**
 * Phrases by which a text speaks to whoever reads it, for `instructions.ts`.
 *
 * @module
 */

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
export const PHRASES: readonly (readonly [InstructionKind, RegExp])[] = [
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
    "verdict",
    /\b(?:typed|entered|operated|driven|keyed)\b.{0,24}\b(?:by hand|manually|(?:him|her|my|them)sel(?:f|ves)|by (?:an? |the )?(?:real |actual )?(?:humans?|persons?|people|staff))\b/,
  ],
  [
    "address",
    /\bif you\b.{0,20}\b(?:label|classify|mark|report|judge|flag|answer)\b.{0,30}\b(?:agent|human|automation|ai|bot)\b/,
  ],
  [
    "address",
    new RegExp(
      `\\b${READER}\\b.{0,16}\\b(?:accepts?|expects?|requires?|wants?)\\b.{0,24}\\b${HARMLESS}\\b`,
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
  // what a digest's own lines and ends look like
  ["delimiter", /^\d{1,6}\| \d|\bexcerpt [0-9a-f]{8,64}\b/],
];

/** Each phrase has one of these in it: most lines have none, and are done with. */
export const PHRASE_PARTS =
  /ignor|disregard|forget|overr|bypass|discard|drop|skip|vergiss|oublie|olvida|negeer|\bnew |system|developer|\byou|\bact(?:ing)? as|pretend|behave|from now|<\||<<|<\/?[a-z]|\[\/?(?:inst|sys)|assistant|operator|verdict|classif|risk|driver|session|user|terminal|recording|transcript|activity|excerpt|command|\blog\b|human|person|people|automat|script|\bcron|benign|harmless|safe|legit|trust|authori|\bnone|\blow\b|\bnot? |\ba\.?i\b|llm|model|bot\b|reviewer|analyst|auditor|grader|judge|evaluator|claude|gpt|gemini|copilot|agent|typed|entered|operated|driven|keyed|(?:end|begin|start|close|stop)(?:ing)?[ _-]|^\d{1,6}\|/;

/** The same without anything between its letters: `i-g-n-o-r-e`, or a word a line. */
export const TIGHT_PHRASES =
  /(?:ignore|disregard|forget|override)(?:all|any|the|of|my|your|these|those|every|previous|prior|above|earlier|preceding|foregoing|system|existing){0,5}(?:instructions?|prompts?)|(?:classify|label|mark|report|treat|judge|rate)(?:this|it|the|me|us|session|operator|as|an?){1,6}(?:human|person|automation|harmless|benign)|(?:answer|respond|reply|output)(?:with|only|as|an?|the|word){0,4}(?:human|automation)|operatortype(?:is)?(?:human|automation)|thisisa(?:real|actual)?(?:human|person)/g;

/** Orders to forget one's orders, in languages whose letters are not Latin's; in lower case. */
export const FOREIGN_PHRASES: readonly RegExp[] = [
  /(?:忽略|无视|無視|忽視|忘记|忘記).{0,20}(?:指示|指令|说明|說明|提示|规则|規則|要求)/u,
  /(?:指示|命令|プロンプト|ルール).{0,12}(?:無視|忘れ)/u,
  /(?:지시|명령|프롬프트|규칙).{0,20}(?:무시|잊)/u,
  /(?:игнорир|забуд|отмени|ігнору|забудь)[а-яёіїє]{0,10}.{0,40}(?:инструкц|указани|команд|правил|інструкц|вказівк)/u,
  /(?:تجاهل|انس|نادیده).{0,40}(?:تعليمات|التعليمات|أوامر|الأوامر|دستور)/u,
  /(?:निर्देश|नियम).{0,30}(?:अनदेखा|नज़रअंदाज़|भूल)/u,
  /(?:התעלם|שכח).{0,40}(?:הוראות|ההוראות)/u,
  /(?:αγνόησε|ξέχνα).{0,40}(?:οδηγίες|εντολές)/u,
];
