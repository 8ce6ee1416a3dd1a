/**
 * Letters of other scripts that look like Latin ones, from the confusables of Unicode's technical
 * standard 39, as far as they make words that a model reads as English.
 */
export const LOOK_ALIKES: ReadonlyMap<string, string> = new Map<string, string>(
  [
    ["а", "a"],
    ["е", "e"],
    ["о", "o"],
    ["р", "p"],
    ["с", "c"],
    ["у", "y"],
    ["х", "x"],
    ["і", "i"],
    ["ј", "j"],
    ["ѕ", "s"],
    ["һ", "h"],
    ["ԁ", "d"],
    ["ɡ", "g"],
    ["ӏ", "l"],
    ["ո", "n"],
    ["ս", "u"],
    ["ѵ", "v"],
    ["ԝ", "w"],
    ["т", "t"],
    ["м", "m"],
    ["н", "h"],
    ["к", "k"],
    ["в", "b"],
    ["г", "r"],
    ["п", "n"],
    ["и", "u"],
    ["α", "a"],
    ["ε", "e"],
    ["ι", "i"],
    ["ο", "o"],
    ["ρ", "p"],
    ["υ", "u"],
    ["ν", "v"],
    ["κ", "k"],
    ["τ", "t"],
    ["χ", "x"],
    ["γ", "y"],
    ["η", "n"],
    ["ω", "w"],
    ["ı", "i"],
    ["ſ", "s"],
    ["ℓ", "l"],
    ["∣", "l"],
    ...smallCapitals(),
  ],
);
/** One of them. */
export const LOOK_ALIKE: RegExp = new RegExp(`[${[...LOOK_ALIKES.keys()].join("")}]`, "gu");

/** The small capitals that phonetics writes. */
function smallCapitals(): [string, string][] {
  const capitals = [..."ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ"];
  return capitals.map((capital, i) => [capital, "abcdefghijklmnoprstuvwyz"[i]!]);
}
