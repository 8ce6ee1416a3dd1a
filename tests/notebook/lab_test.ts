import assert from "node:assert/strict";
import { temporaryFolder } from "../temporary_folder.ts";

Deno.test("lab installs the kernel under its own name and says how to open the notebooks", async () => {
  using home = temporaryFolder();
  const lab = new URL("../../lib/notebook/lab.ts", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", `--allow-run=${Deno.execPath()}`, lab],
    env: { HOME: home.path, XDG_DATA_HOME: `${home.path}/data`, NO_COLOR: "1" },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  assert.match(new TextDecoder().decode(stdout), /jupyter lab .*notebooks\n/);
  const found: string[] = [];
  const walk = (folder: string) => {
    for (const entry of Deno.readDirSync(folder)) {
      if (entry.isDirectory) walk(`${folder}/${entry.name}`);
      else if (entry.name === "kernel.json") found.push(folder);
    }
  };
  walk(home.path);
  assert.ok(found.every((folder) => new TextDecoder().decode(stdout).includes(`  ${folder}\n`)));
  assert.deepEqual(found.map((folder) => folder.split("/").at(-1)), ["shellscope"]);
});
