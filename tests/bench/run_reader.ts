/**
 * Runs the verb `run` over the configuration in the folder named in its argument, and tells as
 * JSON the sessions it knew at the end, what its steps took, and the largest resident sizes: of this
 * process, and of the largest of those that it started (0 where the system does not tell).
 */
import { main } from "../../lib/cli/main.ts";
import { largestBelow, peakResident } from "./resident.ts";

/** Lines of progress that begin a step of the bench's table. */
const STEPS: readonly [RegExp, string][] = [
  [/^Reading teleport/, "teleport: log, recordings, features"],
  [/^Reading gcp/, "gcp: archive to sessions"],
  [/^Reading aws/, "aws: archive to sessions"],
  [/^Putting identities/, "identities"],
  [/^Judging/, "rules"],
  [/^Correlating/, "correlation"],
];

const [folder] = Deno.args;
const steps: { name: string; ms: number }[] = [];
const began = performance.now();
let stepBegan = began;
let summary = "";
let pageBytes = 0;
const endStep = () => {
  const now = performance.now();
  const last = steps.at(-1);
  if (last !== undefined) last.ms = now - stepBegan;
  stepBegan = now;
};
const begin = (name: string) => {
  endStep();
  steps.push({ name, ms: 0 });
};
const timer = setInterval(() => void (pageBytes = Math.max(pageBytes, largestBelow())), 100);
const status = await main(
  ["run", "--config", `${folder}/shellscope.yaml`, "--out", `${folder}/out`, "--format", "jsonl"],
  {
    out(text) {
      summary += text;
      begin("findings page");
    },
    outBytes() {},
    err(text) {
      const step = STEPS.find(([pattern]) => pattern.test(text));
      if (step !== undefined) begin(step[1]);
      else if (text.startsWith("shellscope:")) console.error(text);
    },
    ...{ outIsOpen: true, showsProgress: false, now: () => new Date("2026-06-01"), user: null },
  },
);
endStep();
clearInterval(timer);
if (status !== 0) Deno.exit(status);
const seconds = (performance.now() - began) / 1000;
const { sessions } = JSON.parse(summary).coverage;
const peakBytes = peakResident();
console.log(JSON.stringify({ sessions, seconds, peakBytes, pageBytes, steps }));
