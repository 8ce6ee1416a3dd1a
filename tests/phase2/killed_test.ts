import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Phase2Summary } from "../../lib/phase2/judge_subjects.ts";
import { upsertSession } from "../../lib/store/sessions.ts";
import { openStore } from "../../lib/store/store.ts";
import { readVerdicts } from "../../lib/store/verdicts.ts";
import { inFolder, sessionRow } from "../store/sample.ts";
import { excerptOf, rightAnswer, serveLlm } from "./llm_server.ts";

const CHILD = fileURLToPath(new URL("./judging_child.ts", import.meta.url));
const SESSIONS = 200;
/** The requests at whose arrival the run is killed. */
const KILLS = [7, 40, 60, 90, 130, 160];

Deno.test(
  "a run of phase 2 that is killed again and again sends no request twice",
  inFolder(async (folder) => {
    const path = join(folder, "s.sqlite");
    {
      using store = openStore(path);
      for (let i = 0; i < SESSIONS; i++) upsertSession(store, sessionRow({ session_id: `s-${i}` }));
    }
    let child: Deno.ChildProcess | null = null;
    await using server = serveLlm((request, number) => {
      if (KILLS.includes(number)) child?.kill("SIGKILL");
      return { answer: rightAnswer(request) };
    });
    const run = () =>
      child = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--no-prompt", `--allow-read`, `--allow-write=${folder}`, "--allow-env"],
          ...["--allow-net=127.0.0.1", CHILD, path, server.baseURL],
        ],
        ...{ stdout: "piped", stderr: "inherit" },
      }).spawn();
    let kills = 0;
    let summary: Phase2Summary | null = null;
    while (summary === null) {
      const { success, stdout } = await run().output();
      if (success) summary = JSON.parse(new TextDecoder().decode(stdout));
      else kills++;
      assert.ok(kills <= KILLS.length, "the run ends by itself at last");
    }
    const sent = server.requests.map((request) => excerptOf(request)[0]!.text);
    assert.equal(kills, KILLS.length);
    assert.equal(new Set(sent).size, sent.length, "a request was sent twice");
    using store = openStore(path, { readOnly: true });
    const judged = readVerdicts(store, { writer: "phase2" }).length;
    const { interrupted = 0, ...others } = summary.left;
    assert.deepEqual(others, {});
    assert.equal(judged + interrupted, SESSIONS);
    assert.ok(interrupted <= 4 * kills, `${interrupted} were under way`);
    console.log(`    ${judged} judged, ${interrupted} under way at one of ${kills} kills`);
  }),
);
