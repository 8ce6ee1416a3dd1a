import * as Plot from "@observablehq/plot";
import { axis, frame } from "./frame.ts";
import { categoryColours, SERIES_COLOUR } from "./palette.ts";
import { chartSvg } from "./svg.ts";
import { count, wholeNumber, wholeTicks } from "./ticks.ts";

/** What is read of a request to a model (`LlmCallRow`). */
export interface PaidRequest {
  /** ISO time, UTC; its day is the bar that the request is in. */
  called_at: string;
  /** As the configuration names it. */
  model: string;
  /** Why the rules sent the session; null where it is not routed any more. */
  reason: string | null;
  /** null, as `output_tokens`, where the server did not say; such a request adds no tokens. */
  input_tokens: number | null;
  output_tokens: number | null;
  /** In the configuration's currency; null where nothing was billed. */
  cost: number | null;
}

/** What the colours of the chart stand for, and the limit that it draws. */
export interface SpendChartOptions {
  /** What the colours stand for: the model that was asked, or why the rules sent the session. */
  by?: "model" | "reason";
  /** What one run may spend, as a line to reach. */
  limit?: number | undefined;
  /** Stands above; "What the model cost" unless told. */
  title?: string;
}

/**
 * What a model cost: money by day, coloured by model or by why the sessions were sent; tokens by
 * day; and all the money so far, request by request, with the limit of one run.
 */
export function spendChart(
  requests: readonly PaidRequest[],
  options: SpendChartOptions = {},
): string {
  const { by = "model", limit } = options;
  const sorted = requests.toSorted((a, b) => a.called_at < b.called_at ? -1 : 1);
  const groupOf = (request: PaidRequest) => request[by] ?? "not routed any more";
  const shares = dailyShares(sorted, groupOf);
  const groups = [...Map.groupBy(shares, ({ group }) => group)]
    .map(([group, of]) => ({ group, cost: sum(of, "cost") }))
    .sort((a, b) => b.cost - a.cost || (a.group < b.group ? -1 : 1));
  const colours = categoryColours(groups.map(({ group }) => group));
  const total = sum(shares, "cost");
  const [tokensIn, tokensOut] = [sum(shares, "tokensIn"), sum(shares, "tokensOut")];
  const subtitle = `${count(sorted.length, "request")}, ${money(total)} spent` +
    (limit === undefined ? "" : ` (a run may spend ${money(limit)})`) +
    `, ${wholeNumber(tokensIn)} tokens in and ${wholeNumber(tokensOut)} out`;
  const spent = running(sorted);
  return chartSvg([
    moneyPanel(shares, colours),
    tokensPanel(shares),
    totalPanel(spent, limit),
  ], {
    title: options.title ?? "What the model cost",
    subtitle,
    legend: [...colours].map(([name, colour]) => ({ name, colour })),
    description: `Money by day and ${by}, tokens by day, and money so far. ${subtitle}. ${
      groups.slice(0, 12).map(({ group, cost }) => `${group} ${money(cost)}`).join(", ")
    }.`,
  });
}

interface DayShare {
  day: string;
  group: string;
  cost: number;
  tokensIn: number;
  tokensOut: number;
}

function dailyShares(
  requests: readonly PaidRequest[],
  groupOf: (request: PaidRequest) => string,
): DayShare[] {
  const shares = new Map<string, DayShare>();
  for (const request of requests) {
    const [day, group] = [request.called_at.slice(0, 10), groupOf(request)];
    const key = `${day} ${group}`;
    const share = shares.get(key) ?? { day, group, cost: 0, tokensIn: 0, tokensOut: 0 };
    share.cost += request.cost ?? 0;
    share.tokensIn += request.input_tokens ?? 0;
    share.tokensOut += request.output_tokens ?? 0;
    shares.set(key, share);
  }
  return [...shares.values()];
}

function sum(shares: readonly DayShare[], key: "cost" | "tokensIn" | "tokensOut"): number {
  return shares.reduce((total, share) => total + share[key], 0);
}

/** Points of a line; more could not be told apart. */
const MOST_POINTS = 400;

function running(requests: readonly PaidRequest[]): { at: number; spent: number }[] {
  let spent = 0;
  const all = requests.map(({ cost }, i) => ({ at: i + 1, spent: spent += cost ?? 0 }));
  const every = Math.ceil(all.length / MOST_POINTS);
  return [{ at: 0, spent: 0 }, ...all.filter(({ at }) => at % every === 0 || at === all.length)];
}

function days(shares: readonly DayShare[]) {
  const domain = [...new Set(shares.map(({ day }) => day))].sort();
  const every = Math.ceil(domain.length / 10) || 1;
  return { type: "band", domain, ticks: domain.filter((_, i) => i % every === 0) } as const;
}

function moneyPanel(shares: readonly DayShare[], colours: Map<string, string>) {
  const height = 190;
  const byDay = [...Map.groupBy(shares, ({ day }) => day).values()];
  const most = Math.max(...byDay.map((of) => sum(of, "cost")), 0) || 1;
  const plot = Plot.plot({
    ...frame(height),
    marginLeft: 72,
    marginBottom: 28,
    x: { ...axis(null), ...days(shares), padding: 0.2 },
    y: { label: "Money by day", domain: [0, most], ticks: [0, most / 2, most], tickFormat: money },
    color: { type: "identity" },
    marks: [
      Plot.barY(shares, {
        x: "day",
        y: "cost",
        fill: ({ group }: DayShare) => colours.get(group)!,
        order: ({ group }: DayShare) => [...colours.keys()].indexOf(group),
      }),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}

function tokensPanel(shares: readonly DayShare[]) {
  const height = 150;
  const bars = [...Map.groupBy(shares, ({ day }) => day)].flatMap(([day, of]) => [
    { day, tokens: sum(of, "tokensIn"), opacity: 0.9 },
    { day, tokens: sum(of, "tokensOut"), opacity: 0.45 },
  ]);
  const most = Math.max(...bars.map(({ tokens }) => tokens), 0) * 1.2 || 1;
  const plot = Plot.plot({
    ...frame(height),
    marginLeft: 72,
    x: { ...axis("Day (UTC); tokens in dark, tokens out pale"), ...days(shares), padding: 0.2 },
    y: { label: "Tokens by day", domain: [0, most], ticks: 3, tickFormat: wholeNumber },
    marks: [
      Plot.barY(bars, { x: "day", y: "tokens", fill: SERIES_COLOUR, fillOpacity: "opacity" }),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}

function totalPanel(spent: readonly { at: number; spent: number }[], limit: number | undefined) {
  const height = 200;
  const last = spent.at(-1)!;
  const top = Math.max(last.spent, limit ?? 0) || 1;
  const limits = limit === undefined ? [] : [limit];
  const plot = Plot.plot({
    ...frame(height),
    marginLeft: 72,
    x: {
      ...axis("Requests, in order of time"),
      domain: [0, Math.max(1, last.at)],
      ticks: wholeTicks(last.at, 6),
    },
    y: {
      label: "Money so far",
      domain: [0, top * 1.1],
      ticks: [0, top / 2, top],
      tickFormat: money,
      grid: true,
    },
    marks: [
      Plot.line(spent, { x: "at", y: "spent", stroke: SERIES_COLOUR, strokeWidth: 2 }),
      Plot.ruleY(limits, { stroke: "currentColor", strokeDasharray: "5,4" }),
      Plot.text(limits, {
        x: 0,
        y: (each: number) => each,
        text: () => "limit of one run",
        textAnchor: "start",
        dx: 4,
        dy: -6,
      }),
      Plot.ruleY([0], { strokeOpacity: 0.4 }),
    ],
  });
  return { plot, height };
}

function money(value: number): string {
  return value === 0 ? "0" : value >= 100 ? wholeNumber(Math.round(value)) : value.toPrecision(2);
}
