import assert from "node:assert/strict";
import { join } from "node:path";
import { findRecordings } from "../../../lib/pipeline/recordings/find_recordings.ts";
import { temporaryFolder } from "../../temporary_folder.ts";

Deno.test("findRecordings() names every recording of a folder, and what it leaves aside", async () => {
  using folder = temporaryFolder();
  const path = (name: string) => join(folder.path, name);
  for (const name of ["b.tar", "a.cast.gz", "notes.txt", ".hidden.cast"]) {
    await Deno.writeTextFile(path(name), "");
  }
  await Deno.mkdir(path("deep/c.cast"), { recursive: true });
  await Deno.writeTextFile(path("deep/c.cast/d.cast.zst"), "");
  await Deno.symlink(path("b.tar"), path("link.tar"));
  await Deno.symlink(path("notes.txt"), path("link.txt"));
  await Deno.symlink(path("deep"), path("linked"));
  await Deno.symlink(path("nowhere"), path("dangling.cast"));
  const found: [string, string | null][] = [];
  for await (const each of findRecordings([folder.path, path("nowhere"), path("link.tar")])) {
    found.push([each.path.slice(folder.path.length + 1), "problem" in each ? each.problem : null]);
  }
  const link = "a link is not followed inside a folder; name it by itself";
  assert.deepEqual(found, [
    ["a.cast.gz", null],
    ["b.tar", null],
    ["dangling.cast", link],
    ["deep/c.cast/d.cast.zst", null],
    ["link.tar", link],
    ["linked", link],
    ["nowhere", "no such file or folder"],
    ["link.tar", null],
  ]);
});

Deno.test({
  name: "findRecordings() says which names it can't open by",
  // only there may a name hold any bytes
  ignore: Deno.build.os !== "linux",
  async fn() {
    using folder = temporaryFolder();
    const make = `cd "$1" && : > "$(printf 'a\\377.tar')" && : > "$(printf 'b\\377.txt')" && ` +
      `mkdir "$(printf 'c\\377')" && : > "$(printf 'd\\357\\277\\275.cast')"`;
    const { code } = await new Deno.Command("sh", { args: ["-c", make, "sh", folder.path] })
      .output();
    assert.equal(code, 0);
    const found: [string, boolean][] = [];
    for await (const each of findRecordings([folder.path])) {
      if ("problem" in each) assert.match(each.problem, /^its name is no UTF-8/);
      found.push([each.path.slice(folder.path.length + 1), "problem" in each]);
    }
    assert.deepEqual(found, [["a\ufffd.tar", true], ["c\ufffd", true], ["d\ufffd.cast", false]]);
  },
});
