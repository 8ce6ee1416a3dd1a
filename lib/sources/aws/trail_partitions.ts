import type { TableMetadata } from "@aws-sdk/client-athena";
import { quotedName } from "../athena_values.ts";
import type { TrailScope } from "./trail_tree.ts";

/** What the partitions of CloudTrail's table are called there. */
export interface TrailPartitions {
  /** The one with the whole day; beside `year` and `month` the one with its number. */
  day: string;
  month?: string | undefined;
  year?: string | undefined;
  account?: string | undefined;
  region?: string | undefined;
}

/** How a table's partitions are asked for. */
interface PartitionText {
  /** The day as `2026/03/10`. */
  day: string;
  /** What bounds the partitions of a query. */
  where: string;
  /** What each `?` of `where` stands for. */
  parameters: string[];
  /** Values of those that are of the configuration; the others are the window's. */
  values: Record<string, string>;
  /** In one sentence. */
  told: string;
  /** Whether each day must be registered in the catalogue before it is read. */
  isRegistered: boolean;
}

/** What keeps a table's partitions from being asked for, and what mends it. */
interface PartitionProblem {
  problem: string;
  advice: string;
}

/**
 * How the partitions of a table are asked for: projected ones, or such as are registered in the
 * catalogue; days as text in CloudTrail's form or ISO's, as dates, or in three parts.
 */
export function trailPartitions(
  table: TableMetadata,
  { partitions, scope }: { partitions: TrailPartitions; scope: TrailScope },
): PartitionText | PartitionProblem {
  const { PartitionKeys = [], Parameters = {} } = table;
  const keys = new Map(
    PartitionKeys.map(({ Name = "", Type = "" }) => [Name.toLowerCase(), Type.toLowerCase()]),
  );
  const projection = (name: string) => Parameters[`projection.${name.toLowerCase()}.type`];
  for (const [role, name] of Object.entries(partitions)) {
    if (name === undefined || keys.has(name.toLowerCase())) continue;
    const has = keys.size === 0 ? "it has none" : `it has ${[...keys.keys()].join(", ")}`;
    return {
      problem: `"${name}" is no partition of it: ${has}`,
      advice: role === "day"
        ? "set `partitions.day`, or make the table anew with partitions of days: without them each " +
          "query would read and bill all of it"
        : `set \`partitions.${role}\`, or leave it away where the table has none`,
    };
  }
  const isProjected = /^true$/i.test(Parameters["projection.enabled"] ?? "");
  const injected = isProjected
    ? [...keys.keys()].filter((name) => /^injected$/i.test(projection(name) ?? ""))
    : [];
  const listed = { account: scope.accounts, region: scope.regions };
  for (const name of injected) {
    const role = (["account", "region"] as const)
      .find((role) => partitions[role]?.toLowerCase() === name);
    if (role !== undefined && listed[role] !== undefined) continue;
    const advice = role === undefined
      ? `project it as a date or a list of values (projection.${name}.type), or name it in ` +
        "`partitions` if it is the account or region"
      : `list the ${role}s to be read under \`${role}s\` in the configuration`;
    return {
      problem: `"${name}" is projected as injected: each query must name its values`,
      advice,
    };
  }
  const day = dayText(partitions, {
    type: keys.get(partitions.day.toLowerCase()) ?? "",
    format: isProjected
      ? Parameters[`projection.${partitions.day.toLowerCase()}.format`]
      : undefined,
  });
  if ("problem" in day) return day;
  const named: Pick<PartitionText, "parameters" | "values"> = { parameters: [], values: {} };
  const conditions = (["account", "region"] as const).flatMap((role) => {
    const [name, values] = [partitions[role], listed[role]];
    if (name === undefined || values === undefined) return [];
    values.forEach((value, i) => {
      named.parameters.push(`${role}_${i}`);
      named.values[`${role}_${i}`] = value;
    });
    const isText = TEXT.test(keys.get(name.toLowerCase()) ?? "");
    const column = isText ? quotedName(name) : `CAST(${quotedName(name)} AS varchar)`;
    return [`${column} IN (${values.map(() => "CAST(? AS varchar)").join(", ")})`];
  });
  return {
    day: day.expression,
    where: [day.where, ...conditions].join("\n    AND "),
    parameters: [...day.parameters, ...named.parameters],
    values: named.values,
    told: `${PartitionKeys.map(({ Name }) => Name).join(", ")}, ` +
      (isProjected ? "projected" : "registered in the catalogue"),
    isRegistered: !isProjected,
  };
}

/** Types of the catalogue that hold text. */
const TEXT = /^(string|varchar|char)/;

interface DayText {
  expression: string;
  where: string;
  parameters: string[];
}

const SLASHED = ["first_day", "last_day"];
const DASHED = ["first_date", "last_date"];
const BETWEEN = "BETWEEN CAST(? AS varchar) AND CAST(? AS varchar)";

function dayText(
  { day, month, year }: TrailPartitions,
  { type, format }: { type: string; format: string | undefined },
): DayText | PartitionProblem {
  const column = quotedName(day);
  if (year !== undefined && month !== undefined) {
    const two = (name: string) => `lpad(CAST(${quotedName(name)} AS varchar), 2, '0')`;
    const whole = `CAST(${quotedName(year)} AS varchar)`;
    const expression = `concat(${whole}, '/', ${two(month)}, '/', ${two(day)})`;
    return {
      expression,
      where: `${whole} ${BETWEEN} AND ${expression} ${BETWEEN}`,
      parameters: ["first_year", "last_year", ...SLASHED],
    };
  }
  const expression = `replace(CAST(${column} AS varchar), '-', '/')`;
  if (type === "date") {
    const where = `${column} BETWEEN CAST(? AS date) AND CAST(? AS date)`;
    return { expression, where, parameters: DASHED };
  }
  if (!TEXT.test(type)) {
    return {
      problem: `its partition "${day}" is of the type ${type}`,
      advice:
        "make it a string such as 2026/03/10 or a date, or name `year` and `month` beside it " +
        "where it is the day of a month",
    };
  }
  const slashed = { expression, where: `${column} ${BETWEEN}`, parameters: SLASHED };
  if (format === undefined) {
    // registered partitions may be spelled either way
    const where = `(${column} ${BETWEEN} OR ${column} ${BETWEEN})`;
    return { expression, where, parameters: [...SLASHED, ...DASHED] };
  }
  if (format === "yyyy/MM/dd") return slashed;
  if (format === "yyyy-MM-dd") return { ...slashed, parameters: DASHED };
  return {
    problem: `its partition "${day}" is projected in the form ${format}`,
    advice: `set the table property projection.${day}.format to "yyyy/MM/dd" (glue:UpdateTable)`,
  };
}
