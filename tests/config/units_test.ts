import assert from "node:assert/strict";
import { formatSize, parseDuration, parseSize, parseTime } from "../../lib/config/units.ts";

Deno.test("parseDuration() reads what people write, and nothing else", () => {
  const cases: [string, number | null][] = [
    ["90s", 90],
    ["10m", 600],
    ["1.5h", 5400],
    ["30d", 2_592_000],
    ["2w", 1_209_600],
    ["10", null],
    ["m", null],
    ["-5m", null],
    ["10 m", null],
    ["10minutes", null],
  ];
  for (const [text, seconds] of cases) assert.equal(parseDuration(text), seconds, text);
});

Deno.test("parseSize() reads binary and decimal units", () => {
  const cases: [string, number | null][] = [
    ["512", 512],
    ["50GiB", 50 * 2 ** 30],
    ["1.5 MB", 1_500_000],
    ["10KB", 10_000],
    ["lots", null],
    ["-1B", null],
  ];
  for (const [text, bytes] of cases) assert.equal(parseSize(text), bytes, text);
});

Deno.test("parseTime() reads dates, times and ages, and refuses days that do not exist", () => {
  const now = new Date("2026-03-10T12:00:00Z");
  const cases: [string, string | null][] = [
    ["2026-03-01", "2026-03-01T00:00:00.000Z"],
    ["2026-03-01T10:00", "2026-03-01T10:00:00.000Z"],
    ["2026-03-01T10:00:00.5Z", "2026-03-01T10:00:00.500Z"],
    ["2026-03-01T10:00:00+02:00", "2026-03-01T08:00:00.000Z"],
    ["6h", "2026-03-10T06:00:00.000Z"],
    ["30d", "2026-02-08T12:00:00.000Z"],
    ["9999-12-31", "9999-12-31T00:00:00.000Z"],
    ["2026-02-30", null],
    ["2026-02-30T10:00Z", null],
    ["2026-03-01T25:00Z", null],
    ["2026-03-01T23:00-05:00", "2026-03-02T04:00:00.000Z"],
    ["99999999999d", null],
    ["0001-01-01", null],
    ["yesterday", null],
    ["2026-13-01", null],
  ];
  for (const [text, iso] of cases) {
    assert.equal(parseTime(text, now)?.toISOString() ?? null, iso, text);
  }
});

Deno.test("formatSize() gives three digits or so", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [200 * 1024, "200 KiB"],
    [5 * 2 ** 30, "5.0 GiB"],
    [3 * 2 ** 50, "3072 TiB"],
  ];
  for (const [bytes, text] of cases) assert.equal(formatSize(bytes), text);
});
