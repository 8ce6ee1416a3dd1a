import { readRecording } from "../../lib/recording/read.ts";
import { terminalText } from "../../lib/recording/terminal.ts";
const path = Deno.args[0]!;
const bytes = Deno.readFileSync(path);
const t0 = performance.now();
const text = await terminalText(readRecording({ uri: path, bytes }));
const ms = performance.now() - t0;
if (Deno.args[1]) {
  for (const l of text.lines) {
    console.log(
      `${(l.firstMs / 1000).toFixed(2).padStart(8)} ${(l.lastMs / 1000).toFixed(2).padStart(8)} ${
        l.fate[0]
      }${l.screen[0]} ${l.repeats || ""} ${JSON.stringify(l.text)} ${
        l.concealed.length ? JSON.stringify(l.concealed) : ""
      }`,
    );
  }
}
console.log(path, text.lines.length, text.stopped, text.refused, ms.toFixed(0) + " ms");
