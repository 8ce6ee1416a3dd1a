/** What the first bytes of a file say it is; null: nothing that Teleport's recorder writes. */
export function recordingHeader(head: Uint8Array): string | null {
  if (head.length < 8) return null;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const version = view.getBigUint64(0);
  if (version === 1n) return "ProtoStream V1";
  if (version === 2n) {
    return head.length > 24 && (head[24]! & 1) === 1
      ? "ProtoStream V2, encrypted"
      : "ProtoStream V2";
  }
  return null;
}
