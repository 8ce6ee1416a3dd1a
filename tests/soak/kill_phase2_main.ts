/**
 * The fixtures' sessions, all routed to a model by hand, judged by the real verb, which is killed
 * again and again: no request may be sent twice. Ends with 1 where one was.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "../../lib/store/store.ts";
import { rightAnswer, serveLlm } from "../phase2/llm_server.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The requests at whose arrival the verb is killed. */
const KILLS = [9, 33, 60, 95, 120];
const KEY_ENV = "SHELLSCOPE_SOAK_KEY";

let running: Deno.ChildProcess | null = null;
await using server = serveLlm(async (request, number) => {
  if (KILLS.includes(number)) running?.kill("SIGKILL");
  // long enough for others to be under way
  await new Promise((resolve) => setTimeout(resolve, 20));
  return { answer: rightAnswer(request) };
});
const folder = await Deno.makeTempDir({ prefix: "shellscope-soak-" });
try {
  const config = await configured(folder);
  await command(config, "run", "--no-phase2", "--out", folder).output();
  const store = join(folder, "s.sqlite");
  const routed = routeAll(store);
  let kills = 0;
  for (;;) {
    running = command(config, "classify", "--phase", "2").spawn();
    const { signal, stderr } = await running.output();
    if (signal === null) {
      console.log(new TextDecoder().decode(stderr).trimEnd());
      break;
    }
    kills++;
  }
  const texts = server.requests.map(({ messages }) =>
    messages.at(-1)!.content.replace(/[0-9a-f]{32}/g, "")
  );
  const distinct = new Set(texts).size;
  console.log(
    `${routed} sessions routed, ${kills} kills, ${texts.length} requests, ${distinct} texts`,
  );
  if (kills !== KILLS.length || distinct !== texts.length || routed < 200) Deno.exitCode = 1;
} finally {
  await Deno.remove(folder, { recursive: true });
}

async function configured(folder: string): Promise<string> {
  const path = join(folder, "shellscope.yaml");
  const fixtures = join(ROOT, "fixtures");
  await Deno.writeTextFile(
    path,
    `store: ./s.sqlite
sources:
  - { kind: recordings, folder: "${fixtures}/casts" }
  - { kind: recordings, folder: "${fixtures}/hostile" }
  - { kind: teleport, events: { archive: "${fixtures}/teleport/events" }, recordings: { folder: "${fixtures}/teleport/sessions" } }
  - { kind: aws, archive: "${fixtures}/aws/AWSLogs" }
  - { kind: gcp, archive: "${fixtures}/gcp" }
phase2: { baseURL: "${server.baseURL}", apiKeyEnv: ${KEY_ENV}, model: m, price: { input: 1, output: 4 }, budget: 100, maxPerSession: 5 }
`,
  );
  return path;
}

function command(config: string, ...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", join(ROOT, "lib/cli/main.ts"), ...args, "--config", config],
    env: { [KEY_ENV]: "k" },
    ...{ stdout: "piped", stderr: "piped" },
  });
}

/** Routes every session by hand, which no rule undoes; returns how many there are. */
function routeAll(path: string): number {
  using store = openStore(path);
  const { changes } = store.database.prepare(
    `INSERT OR REPLACE INTO labels (subject_id, key, value, set_by, set_at)
     SELECT session_id, 'routing.phase2', CASE kind WHEN 'api' THEN 'call-graph' ELSE 'pty' END,
       'manual:soak', '2026-01-01T00:00:00.000Z'
     FROM sessions`,
  ).run();
  return Number(changes);
}
