import { RecordingFeatures } from "../../lib/features/recording_features.ts";
import { readRecording } from "../../lib/recording/read.ts";
import { openS3 } from "../../lib/sources/s3.ts";
import { localFile } from "../../lib/sources/teleport/recording_place.ts";

/**
 * Reads the recording named in its argument, a path or a key of the server named in the second, and
 * says how many prints it had, and the peak.
 */
async function* chunks([name, endpoint]: readonly string[]): AsyncGenerator<Uint8Array> {
  if (endpoint === undefined) return yield* localFile(name!).open();
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
  using s3 = await openS3({ region: "eu-west-1", endpoint, pathStyle: true, credentials });
  yield* s3.get({ bucket: "b", key: name! });
}

const reader = readRecording({ uri: "bench", bytes: chunks(Deno.args) });
const features = new RecordingFeatures();
let peakBytes = 0;
for await (const batch of reader.columns()) {
  features.addColumns(batch);
  peakBytes = Math.max(peakBytes, Deno.memoryUsage().rss);
}
const prints = features.finish().pty?.pty_events ?? 0;
peakBytes = Math.max(peakBytes, Deno.memoryUsage().rss);
console.log(JSON.stringify({ prints, peakBytes }));
