import assert from "node:assert/strict";
import { addressOf } from "../../lib/model/address.ts";

Deno.test("addressOf() gives one spelling, with or without a port, and says who can see it", () => {
  const cases: [string, string | null][] = [
    ["203.0.113.7", "203.0.113.7 4 public"],
    ["203.0.113.7:55012", "203.0.113.7 4 public"],
    ["::ffff:203.0.113.7", "203.0.113.7 4 public"],
    ["10.20.0.5:3022", "10.20.0.5 4 private"],
    ["172.31.255.1", "172.31.255.1 4 private"],
    ["172.32.0.1", "172.32.0.1 4 public"],
    ["100.64.0.1", "100.64.0.1 4 private"],
    ["100.128.0.1", "100.128.0.1 4 public"],
    ["2001:DB8:0:0:0:0:0:7", "2001:db8::7 6 public"],
    ["[2001:db8::7]:3022", "2001:db8::7 6 public"],
    ["fd00::1", "fd00::1 6 private"],
    ["fcdn.example.com", null],
    ["127.0.0.1:22", null],
    ["0.0.0.0", null],
    ["[::]:3022", null],
    ["::1", null],
    ["fe80::1%eth0", null],
    ["169.254.1.1", null],
    ["256.1.1.1", null],
    ["private", null],
    ["gce-internal-ip", null],
    ["cloudformation.amazonaws.com", null],
    ["1.2.3.4/../x", null],
    ["", null],
    ["1".repeat(100), null],
  ];
  for (const [text, expected] of cases) {
    const found = addressOf(text);
    assert.equal(found && `${found.text} ${found.family} ${found.reach}`, expected, text);
  }
});
