import { RecordingFeatures } from "../../lib/features/recording_features.ts";
import { readRecording } from "../../lib/recording/read.ts";

/** Reads the recording named in its argument and says how many prints it had, and the peak. */
async function* chunks(path: string): AsyncGenerator<Uint8Array> {
  using file = await Deno.open(path);
  for (;;) {
    const buffer = new Uint8Array(256 * 1024);
    const read = await file.read(buffer);
    if (read === null) return;
    yield buffer.subarray(0, read);
  }
}

const reader = readRecording({ uri: "bench", bytes: chunks(Deno.args[0]!) });
const features = new RecordingFeatures();
let peakBytes = 0;
for await (const batch of reader.columns()) {
  features.addColumns(batch);
  peakBytes = Math.max(peakBytes, Deno.memoryUsage().rss);
}
const prints = features.finish().pty?.pty_events ?? 0;
peakBytes = Math.max(peakBytes, Deno.memoryUsage().rss);
console.log(JSON.stringify({ prints, peakBytes }));
