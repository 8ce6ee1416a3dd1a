import { RecordingFeatures } from "../../lib/features/recording_features.ts";
import { readRecording } from "../../lib/recording/read.ts";

/** Reads a recording in memory to its end; the number of its events. */
export async function decodeAlone(bytes: Uint8Array): Promise<number> {
  let events = 0;
  for await (const batch of readRecording({ uri: "bench", bytes }).columns()) {
    events += batch.length;
  }
  return events;
}

/** Reads and measures a recording; the number of its prints. */
export async function decodeAndMeasure(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<number> {
  const reader = readRecording({ uri: "bench", bytes });
  const features = new RecordingFeatures();
  for await (const batch of reader.columns()) features.addColumns(batch);
  return features.finish().pty?.pty_events ?? 0;
}
