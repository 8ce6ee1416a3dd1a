import type { TeleportSession } from "../../lib/sources/teleport/archive.ts";
import { inFolder, readAll, row, type TestEvent, writeArchive } from "./archive_folder.ts";

export const SID = "11111111-1111-4111-a111-111111111111";
export const OTHER = "22222222-2222-4222-a222-222222222222";
export const DAY = { since: "2026-03-02T00:00:00Z", until: "2026-03-03T00:00:00Z" };

const WHO = {
  user: "anna@example.com",
  login: "root",
  user_kind: 1,
  server_hostname: "web-1",
  cluster_name: "example",
};

export function start(time: string, more: Partial<TestEvent> = {}): TestEvent {
  return { event: "session.start", time, sid: SID, ...WHO, session_recording: "node", ...more };
}

export function end(time: string, more: Partial<TestEvent> = {}): TestEvent {
  return { event: "session.end", time, sid: SID, ...WHO, interactive: true, ...more };
}

export function upload(time: string, more: Partial<TestEvent> = {}): TestEvent {
  return { event: "session.upload", time, sid: SID, ...more };
}

/** Sessions of events that lie in one file a day. */
export async function sessionsOf(
  events: readonly TestEvent[],
  window: { since: string; until: string } = DAY,
): Promise<TeleportSession[]> {
  let sessions: TeleportSession[] = [];
  await inFolder(async (folder) => {
    const days = Map.groupBy(events, ({ time }) => `${time.slice(0, 10)}/a.parquet`);
    const files = Object.fromEntries([...days].map(([name, list]) => [name, list.map(row)]));
    ({ sessions } = await readAll(await writeArchive(folder, files), window));
  });
  return sessions;
}
