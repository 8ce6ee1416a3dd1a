import * as Plot from "@observablehq/plot";
import type { Distribution } from "../model/verdict.ts";
import { DRIVER_CLASSES, type DriverClass } from "../model/vocabulary.ts";
import { axis, frame } from "./frame.ts";
import { OPERATOR_COLOURS } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count, percent } from "./ticks.ts";

/** A rule (`ruleId`) that voted on the subject, with its log-odds by class (`weights`). */
interface RuleVote {
  ruleId: string;
  weights: Readonly<Partial<Record<DriverClass, number>>>;
}

/** Rules in the picture; weaker ones are added up in one step. */
const MOST_RULES = 18;

interface Step {
  name: string;
  from: number;
  to: number;
  label: string;
}

/**
 * What each rule added to one verdict: from the prior on the left over the votes, the strongest
 * first, to the log-odds of `of` against the strongest other class. Right of 0 the verdict is `of`.
 * `prior` is the one that was judged by; `title` stands above.
 */
export function waterfallChart(
  votes: readonly RuleVote[],
  options: { prior: Distribution; of: DriverClass; title: string },
): string {
  const { of } = options;
  const sums = Object.fromEntries(DRIVER_CLASSES.map((name) => [
    name,
    Math.log(options.prior[name]) +
    votes.reduce((sum, { weights }) => sum + (weights[name] ?? 0), 0),
  ])) as Distribution;
  const rival = DRIVER_CLASSES.filter((name) => name !== of)
    .reduce((a, b) => sums[b] > sums[a] ? b : a);
  const lead = (weights: RuleVote["weights"]) => (weights[of] ?? 0) - (weights[rival] ?? 0);
  const ranked = votes.map((vote) => ({ name: vote.ruleId, lead: lead(vote.weights) }))
    .sort((a, b) => Math.abs(b.lead) - Math.abs(a.lead) || (a.name < b.name ? -1 : 1));
  const rest = ranked.slice(MOST_RULES);
  const parts = [
    { name: "prior", lead: Math.log(options.prior[of] / options.prior[rival]) },
    ...ranked.slice(0, MOST_RULES),
    ...rest.length === 0 ? [] : [{
      name: `${rest.length} other rules`,
      lead: rest.reduce((sum, part) => sum + part.lead, 0),
    }],
  ];
  let at = 0;
  const steps = parts.map(({ name, lead }): Step => {
    const from = at;
    at += lead;
    return { name, from, to: at, label: signed(lead) };
  });
  const total: Step = { name: `${of} against ${rival}`, from: 0, to: at, label: signed(at) };
  const subtitle = `${count(votes.length, "rule")} voted; ${of} leads ${rival} by ${signed(at)} ` +
    `log-odds: ${percent(1 / (1 + Math.exp(-at)))} between the two`;
  return chartSvg([panel([...steps, total], { of, rival, total: total.name })], {
    title: options.title,
    subtitle,
    legend: [
      { name: `for ${of}`, colour: OPERATOR_COLOURS[of] },
      { name: `for ${rival}`, colour: OPERATOR_COLOURS[rival] },
    ],
    description: `What each rule added to the log-odds of ${of} against ${rival}: ` +
      `${steps.map(({ name, label }) => `${name} ${label}`).join(", ")}. ${subtitle}.`,
  });
}

function panel(
  steps: readonly Step[],
  { of, rival, total }: { of: DriverClass; rival: DriverClass; total: string },
) {
  const height = 66 + 24 * steps.length;
  const ends = steps.flatMap(({ from, to }) => [from, to]);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const room = (high - low || 1) * 0.08;
  const plot = Plot.plot({
    ...frame(height),
    marginLeft: 190,
    x: {
      ...axis(`Log-odds of ${of} against ${rival}`),
      domain: [low - room, high + room],
      grid: true,
    },
    y: { label: null, type: "band", domain: steps.map(({ name }) => name), padding: 0.25 },
    color: { type: "identity" },
    marks: [
      Plot.barX(steps, {
        x1: "from",
        x2: "to",
        y: "name",
        fill: ({ from, to }: Step) => OPERATOR_COLOURS[to >= from ? of : rival],
        fillOpacity: ({ name }: Step) => name === total ? 1 : 0.75,
      }),
      Plot.text(steps, {
        x: ({ from, to }: Step) => Math.max(from, to),
        y: "name",
        text: "label",
        textAnchor: "start",
        dx: 4,
      }),
      Plot.ruleX([0], { strokeOpacity: 0.5 }),
    ],
  });
  return { plot, height };
}

function signed(value: number): string {
  return `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(2)}`;
}
