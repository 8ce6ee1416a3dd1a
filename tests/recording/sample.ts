import type { EventObject } from "../../fixtures/generate/protostream_writer.ts";
import { sequenced } from "../../fixtures/generate/protostream_writer.ts";

const START_MS = Date.UTC(2024, 4, 17, 9, 30);

/** A time so many milliseconds into the sample session. */
export function sampleTime(ms: number): string {
  return new Date(START_MS + ms).toISOString();
}

/** A small SSH session: start, four prints of two bytes, resize, leave, end. */
export function sampleSession(): EventObject[] {
  const who = { user: "dana@example.com", login: "root", sid: SAMPLE_SID, user_kind: 1 };
  const where = { server_hostname: "web-1", "addr.remote": "203.0.113.9:5022", proto: "ssh" };
  return sequenced([
    {
      event: "session.start",
      time: sampleTime(0),
      ...who,
      ...where,
      size: "80:24",
      cluster_name: "prod",
    },
    { event: "print", time: sampleTime(100), data: "a1" },
    { event: "print", time: sampleTime(350), data: "b2" },
    { event: "resize", time: sampleTime(400), ...who, size: "120:40" },
    { event: "print", time: sampleTime(500), data: "c3" },
    { event: "print", time: sampleTime(900), data: "d4" },
    { event: "session.leave", time: sampleTime(950), user: "dana@example.com", sid: "other" },
    {
      event: "session.end",
      time: sampleTime(1000),
      user: "dana@example.com",
      sid: SAMPLE_SID,
      interactive: true,
      session_start: sampleTime(0),
      session_stop: sampleTime(1000),
    },
  ]);
}

export const SAMPLE_SID = "0f6a1f5e-52c8-4f56-9d3f-1c2d3e4f5a6b";
