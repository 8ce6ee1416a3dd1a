import type { Random } from "../../fixtures/generate/random.ts";

const COMMANDS = [
  "ls -la /var/log",
  "tail -n 40 service.log",
  "grep -c ERROR service.log",
  "systemctl status worker",
  "git log --oneline -5",
  "ps aux | head -20",
  "du -sh *",
  "cat settings.ini",
];

const WORDS =
  ("ready waiting worker queue index batch retry cache shard node lease probe ticket loaded " +
    "skipped updated closed opened checked pending number value total error warning info debug " +
    "connection request response timeout upstream downstream handler session started finished " +
    "usr local share lib python3 site-packages config.yaml drwxr-xr-x root main.go handler.rs")
    .split(" ");

/** The keys of a command line, with a correction now and then. */
export function* commandLine(random: Random): Generator<string> {
  for (const key of random.pick(COMMANDS)) {
    yield key;
    if (!random.chance(0.03)) continue;
    yield "x";
    yield "\b\x1b[K";
  }
}

/** A line of a log or a listing: words, numbers, times and hashes; exactly `size` bytes. */
export function outputLine(random: Random, size: number): string {
  let line = "";
  while (line.length < size) {
    const sort = random.float();
    if (sort < 0.6) line += random.pick(WORDS);
    else if (sort < 0.85) line += random.int(0, 99_999);
    else if (sort < 0.95) line += `2024-05-${random.int(10, 28)}T09:${random.int(10, 59)}:07Z`;
    else line += random.hex(8);
    line += " ";
  }
  return line.slice(0, size);
}
