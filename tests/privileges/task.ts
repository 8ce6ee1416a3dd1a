import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const KIT = fileURLToPath(new URL("../../", import.meta.url));

const { tasks } = JSON.parse(await Deno.readTextFile(join(KIT, "deno.json"))) as {
  tasks: Record<string, { command: string }>;
};

/** Names of all tasks. */
export const TASKS: readonly string[] = Object.keys(tasks);

/** The commands of a task, one after the other, as a shell would hand their words to Deno. */
export function commandsOf(task: string): string[][] {
  const text = tasks[task]!.command.replaceAll(
    "$(deno eval -p 'Deno.execPath()')",
    Deno.execPath(),
  );
  return text.split(" && ").map((command) =>
    [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
      .map(([, one, other, bare]) => one ?? other ?? bare!).slice(1)
  );
}

/** The words of the one command of a task that runs code under permissions; none: it has none. */
export function wordsOf(task: string): string[] {
  return commandsOf(task).find(([verb]) => verb === "run" || verb === "test") ?? [];
}

/** The permissions of a task: each flag with its list, or null where it takes all. */
export function permissionsOf(task: string): Map<string, string[] | null> {
  return new Map(
    wordsOf(task).filter((word) => word.startsWith("--allow")).map((word) => {
      const [flag, list] = word.split("=", 2);
      return [flag!, list?.split(",") ?? null];
    }),
  );
}

/** A task's words without one flag, or without some members of a flag's list. */
export function without(
  words: readonly string[],
  flag: string,
  members?: readonly string[],
): string[] {
  return words.flatMap((word) => {
    const [name, list] = word.split("=", 2);
    if (name !== flag) return [word];
    const left = members === undefined
      ? []
      : list!.split(",").filter((other) => !members.includes(other));
    const fewer = list?.split(",").length ?? 0;
    if (members !== undefined && left.length !== fewer - members.length) {
      throw new TypeError(`${flag} has no ${members}`);
    }
    return left.length === 0 ? [] : [`${flag}=${left.join(",")}`];
  });
}

/** How a process ended, and what it said. */
interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs Deno with these words; its environment is this process's, or `env` alone. */
export async function ended(
  words: readonly string[],
  { env, cwd = KIT }: { env?: Record<string, string>; cwd?: string } = {},
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...words],
    ...{ cwd, stdin: "null", clearEnv: env !== undefined },
    env: { NO_COLOR: "1", ...env },
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out: out!, err: err! };
}
