import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** One message of Jupyter's protocol 5, as far as the runner needs it. */
export interface KernelMessage {
  type: string;
  /** The id of the request it answers or was caused by; null for what the kernel says unasked. */
  parentId: string | null;
  content: Record<string, unknown>;
}

/** What goes into a request's header. */
interface RequestHeader {
  msg_id: string;
  msg_type: string;
  session: string;
  date: string;
}

const DELIMITER = new TextEncoder().encode("<IDS|MSG>");

const header = z.object({ msg_type: z.string() });
const parent = z.object({ msg_id: z.string().optional() });
const content = z.record(z.string(), z.unknown());

/** The frames of a signed request: delimiter, signature, header, parent, metadata, content. */
export function encodeMessage(
  header: RequestHeader,
  content: Record<string, unknown>,
  key: string,
): string[] {
  const parts = [{ username: "shellscope", version: "5.3", ...header }, {}, {}, content]
    .map((part) => JSON.stringify(part));
  return ["<IDS|MSG>", signature(parts, key), ...parts];
}

/** Reads the frames of a message; null where it is not one, or not signed with the key. */
export function decodeMessage(frames: readonly Uint8Array[], key: string): KernelMessage | null {
  const start = frames.findIndex((frame) => equal(frame, DELIMITER));
  const [signed, ...parts] = frames.slice(start + 1, start + 6);
  if (start < 0 || signed === undefined || parts.length !== 4) return null;
  if (!equal(signed, new TextEncoder().encode(signature(parts, key)))) return null;
  try {
    const [head, up, , body] = parts.map((part) => JSON.parse(new TextDecoder().decode(part)));
    return {
      type: header.parse(head).msg_type,
      parentId: parent.parse(up).msg_id ?? null,
      content: content.parse(body),
    };
  } catch {
    return null;
  }
}

function signature(parts: readonly (string | Uint8Array)[], key: string): string {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
