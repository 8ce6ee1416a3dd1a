import { join } from "node:path";

/** Copies what the tasks need of the project into a folder: all but the tests. */
export async function copyProject(to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  const parts = ["deno.json", "deno.lock", "README.md", "lib", "rules", "notebooks", "proto"];
  for (const part of [...parts, "fixtures"]) await copyFolder(part, join(to, part));
}

/** Copies a file, or a folder with all in it. */
export async function copyFolder(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) {
    await copyFolder(join(from, name), join(to, name));
  }
}
