/**
 * A verb of the command line in a process of its own, which says on its last line how much memory it
 * took at the most; all permissions.
 *
 * @module
 */
import { main } from "../../lib/cli/main.ts";
import { peakResident } from "../bench/resident.ts";

let said = "";
const status = await main(Deno.args, {
  ...{ out: (text) => said += text, outBytes: () => {}, err: (text) => said += text },
  ...{ outIsOpen: true, showsProgress: false, now: () => new Date("2026-04-01T12:00:00Z") },
  user: "tester",
});
console.log(JSON.stringify({ status, said, peakBytes: peakResident() }));
