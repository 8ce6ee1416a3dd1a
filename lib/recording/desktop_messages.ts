import type { DesktopMessage } from "../model/event.ts";

/** First byte of a TDP message to what it is; the rest (sizes, errors, latency) is `other`. */
const TDP: Readonly<Record<number, DesktopMessage>> = {
  2: "frame", // PNG
  27: "frame", // PNG2
  29: "frame", // RDP fast path
  3: "input", // mouse move
  4: "input", // mouse button
  5: "input", // key
  8: "input", // wheel
  6: "clipboard",
};

/** Member of a TDPB envelope to what it is. */
const TDPB: Readonly<Record<number, DesktopMessage>> = {
  3: "frame", // PNG
  4: "frame", // RDP fast path
  7: "input", // mouse move
  8: "input", // mouse button
  9: "input", // key
  12: "input", // wheel
  13: "clipboard",
  15: "file",
  17: "file",
  18: "file",
  21: "file",
};

/** What a message of the older desktop protocol (TDP) is: its first byte says it. */
export function tdpMessage(message: Uint8Array): DesktopMessage {
  return TDP[message[0] ?? 0] ?? "other";
}

/**
 * What a message of the newer one (TDPB) is: protobuf, of which the first tag names the member of
 * its envelope, behind four bytes of length.
 */
export function tdpbMessage(message: Uint8Array): DesktopMessage {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0] = message;
  const prefixed = message.length > 4 &&
    b0 * 16777216 + b1 * 65536 + b2 * 256 + b3 === message.length - 4;
  const first = prefixed ? message[4]! : b0;
  const second = prefixed ? message[5] ?? 0 : b1;
  const tag = first < 128 ? first : (first & 127) | ((second & 127) << 7);
  return (tag & 7) === 2 ? TDPB[tag >>> 3] ?? "other" : "other";
}
