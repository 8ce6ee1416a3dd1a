/** Reads an archive of API calls, and tells its calls and the largest resident size, as JSON. */
import { awsArchive } from "../../lib/sources/aws/archive.ts";
import { gcpArchive } from "../../lib/sources/gcp/archive.ts";

const [cloud, folder] = Deno.args;
await using source = (cloud === "gcp" ? gcpArchive : awsArchive)(folder!);
const window = (await source.span())!;
let calls = 0;
let peakBytes = 0;
const look = () => void (peakBytes = Math.max(peakBytes, Deno.memoryUsage().rss));
// DuckDB works while nothing comes: looked at meanwhile, too
const timer = setInterval(look, 10);
for await (const minutes of source.minutes(window, { salt: "5a17", onSkip: () => {} })) {
  for (const minute of minutes) calls += minute.calls.length + minute.callsOmitted;
  look();
}
clearInterval(timer);
console.log(JSON.stringify({ calls, peakBytes }));
