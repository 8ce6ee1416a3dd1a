import assert from "node:assert/strict";
import fc from "../property.ts";
import { decodeMessage, encodeMessage } from "../../lib/notebook/kernel_messages.ts";

const HEADER = { msg_id: "1", msg_type: "execute_request", session: "s", date: "2026-01-01" };

function frames(content: Record<string, unknown>, key: string): Uint8Array[] {
  return encodeMessage(HEADER, content, key).map((frame) => new TextEncoder().encode(frame));
}

Deno.test("decodeMessage() reads what encodeMessage() wrote, behind any routing frames", () => {
  fc.assert(
    fc.property(
      fc.record({ code: fc.string(), data: fc.jsonValue() }),
      fc.string(),
      (content, key) => {
        const plain = JSON.parse(JSON.stringify(content));
        const message = decodeMessage([new Uint8Array([1, 2]), ...frames(content, key)], key);
        assert.deepEqual(message, { type: "execute_request", parentId: null, content: plain });
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("decodeMessage() refuses what was changed, cut or signed with another key", () => {
  const good = frames({ code: "1" }, "key");
  assert.equal(decodeMessage(good, "other"), null);
  assert.equal(decodeMessage(good.slice(0, -1), "key"), null);
  assert.equal(decodeMessage([], "key"), null);
  for (let frame = 0; frame < good.length; frame++) {
    const changed = good.map((bytes) => bytes.slice());
    changed[frame]![0]! ^= 1;
    assert.equal(decodeMessage(changed, "key"), null, `frame ${frame}`);
  }
});
