/**
 * Runs a kernel for as long as its own stdin stays open, so that none outlives a runner that was
 * killed, however early; then removes the folder of the connection file. Arguments: the Deno to
 * run, the folder.
 *
 * @module
 */
import { join } from "node:path";

const [deno = "", folder = ""] = Deno.args;
const kernel = new Deno.Command(deno, {
  args: ["jupyter", "--kernel", "--conn", join(folder, "connection.json")],
  stdin: "null",
}).spawn();
const runnerGone = Deno.stdin.readable.pipeTo(new WritableStream()).catch(() => {});
const first = await Promise.race([kernel.status, runnerGone]);
if (first === undefined) {
  try {
    kernel.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it ended by itself just now
  }
  await Deno.remove(folder, { recursive: true }).catch(() => {}); // the runner may have done so
}
Deno.exit((await kernel.status).code);
