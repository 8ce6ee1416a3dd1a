import assert from "node:assert/strict";
import { join } from "node:path";
import { corpus } from "../../fixtures/generate/corpus.ts";
import type { EventObject } from "../../fixtures/generate/protostream_writer.ts";
import { readWideRows, type WideRow } from "../../lib/store/frame.ts";
import { openStore } from "../../lib/store/store.ts";
import { shellscope } from "./harness.ts";
import { temporaryFolder } from "../temporary_folder.ts";

let ran: Promise<WideRow[]> | undefined;

/** The sessions of the fixtures as the whole pipeline leaves them; run once. */
function rows(): Promise<WideRow[]> {
  return ran ??= (async () => {
    using folder = temporaryFolder();
    const db = join(folder.path, "kinds.sqlite");
    const out = join(folder.path, "out");
    const { status, err } = await shellscope("run", "--db", db, "--out", out);
    assert.equal(status, 0, err);
    using store = openStore(db);
    return [...readWideRows(store)];
  })();
}

async function of(source: string, number?: number): Promise<WideRow[]> {
  return (await rows()).filter(({ labels }) =>
    labels["fixture.source"] === source &&
    (number === undefined || labels["fixture.task-id"] === `${source}-${number}`)
  );
}

function logged(source: string, number: number, type: RegExp): EventObject[] {
  const found = corpus().find(({ labels }) => labels["fixture.task_id"] === `${source}-${number}`);
  return found!.logged.filter(({ event }) => type.test(event));
}

Deno.test("statements of a database are counted, timed and told apart", async () => {
  let failures = 0;
  for (const number of [1, 2, 3]) {
    const [row] = await of("database", number);
    const statements = logged("database", number, /^db\.session\.query/);
    const failed = statements.filter(({ event }) => event.endsWith("failed")).length;
    failures += failed;
    assert.equal(row!.kind, "db");
    assert.equal(row!.call_calls, statements.length);
    assert.equal(row!.call_errors, failed);
    assert.equal(row!.call_methods, 1);
    assert.equal(row!.call_top_method_share, 1);
    assert.equal(row!.call_read_share, 1);
    assert.ok(Number(row!.call_gap_p50 ?? 2) >= 2, "statements within 2 s are one command");
    assert.ok(Number(row!.call_commands) <= statements.length);
    assert.equal(row!.pty_events, null);
  }
  assert.ok(failures > 0);
});

Deno.test("the chunks of an application session are measured together", async () => {
  const [row] = await of("application");
  assert.equal(row!.kind, "app");
  assert.equal(row!.recordings, 2);
  assert.equal(row!.call_calls, 50);
  assert.equal(row!.call_methods, 2);
  assert.ok(Number(row!.call_errors) > 0);
  assert.ok(Number(row!.call_per_minute) > 4 && Number(row!.call_per_minute) < 7);
});

Deno.test("desktops of either system have frames, inputs and clipboard", async () => {
  for (const [number, frames, inputs] of [[1, 50, 10], [3, 34, 6]] as const) {
    const [row] = await of("desktop", number);
    assert.equal(row!.kind, "desktop");
    assert.equal(row!.desk_frames, frames);
    assert.equal(row!.desk_inputs, inputs);
    assert.equal(row!.desk_clipboard, 1);
    assert.equal(row!.desk_files, 1);
    assert.ok(Number(row!.desk_frame_gap_p50) > 0 && Number(row!.desk_bytes) > 1000);
    assert.equal(row!.recording_state, "parsed");
  }
  const [unrecorded] = await of("desktop", 2);
  assert.equal(unrecorded!.desk_frames, null);
});

Deno.test("MCP sessions are measured where they are recorded", async () => {
  const [row] = await of("mcp", 2);
  assert.equal(row!.kind, "mcp");
  assert.equal(row!.call_calls, 9);
  assert.equal(row!.call_methods, 1);
  assert.equal(row!.call_read_share, null, "a tool may do anything");
  assert.equal(row!.target, "tickets-mcp");
  const [logOnly] = await of("mcp", 1);
  assert.equal(logOnly!.call_calls, null);
});

Deno.test("Kubernetes exec, BPF inside a recording, parts of both versions", async () => {
  const [exec] = await of("kube-exec");
  assert.equal(exec!.kind, "kube");
  assert.equal(exec!.cmd_exec, 1);
  const [inside] = await of("bpf-inside");
  assert.ok(Number(inside!.cmd_bpf) > 5);
  assert.ok(Number(inside!.pty_events) > 30);
  const [mixed] = await of("mixed-parts");
  assert.equal(mixed!.recording_state, "parsed");
  assert.ok(Number(mixed!.pty_events) > 30);
});

Deno.test("Tailscale recordings say who it was; a tagged node is nobody", async () => {
  const seen = (await rows()).filter(({ substrate }) => substrate === "tailscale-recording")
    .map(({ kind, principal, login, target, scope, user_kind }) => (
      { kind, principal, login, target, scope, user_kind }
    ))
    .sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  const scope = "tail9c2f.ts.net";
  const anna = { principal: "anna@example.com", scope, user_kind: null };
  assert.deepEqual(seen, [
    { kind: "kube", ...anna, login: null, target: "api-6f9c" },
    { kind: "ssh", ...anna, login: "deploy", target: null },
    {
      ...{ kind: "ssh", principal: null, login: "deploy", target: null },
      ...{ scope, user_kind: "tagged-node" },
    },
  ]);
});

Deno.test("a recording from before Teleport 4.4 is named", async () => {
  const [row] = await of("real-tar");
  assert.equal(row!.recording_state, "unsupported");
});
