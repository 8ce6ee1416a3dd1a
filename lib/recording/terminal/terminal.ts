import type { RecordingEvent } from "../../model/event.ts";
import { TerminalScreen } from "./terminal_screen.ts";
import {
  DEFAULT_TERMINAL_LIMITS,
  type TerminalLimits,
  type TerminalText,
} from "./terminal_text.ts";

/**
 * Plays the prints and resizes of a recording through a terminal and gathers what it showed.
 * Everything stays in memory; the same events give the same lines. Bad content never throws.
 */
export async function terminalText(
  events: AsyncIterable<readonly RecordingEvent[]> | Iterable<readonly RecordingEvent[]>,
  limits: Partial<TerminalLimits> = {},
): Promise<TerminalText> {
  const screen = new TerminalScreen({ ...DEFAULT_TERMINAL_LIMITS, ...limits });
  await played(screen, events);
  const text = screen.finish();
  // the emulator puts off its cleaning: let it, or texts in a row would pile up in memory
  await new Promise((resolve) => setTimeout(resolve, 0));
  return text;
}

async function played(
  screen: TerminalScreen,
  events: AsyncIterable<readonly RecordingEvent[]> | Iterable<readonly RecordingEvent[]>,
): Promise<void> {
  let sized = false;
  for await (const batch of events) {
    for (const event of batch) {
      if (event.type === "print") screen.print(event.data, event.atMs);
      else if (event.type === "resize") {
        screen.resize(event.size, event.atMs);
        sized = true;
      } else if (event.type === "start" && event.size !== null && !sized) {
        screen.resize(event.size, event.atMs);
        sized = true;
      }
      if (screen.stopped !== null) return;
    }
  }
}
