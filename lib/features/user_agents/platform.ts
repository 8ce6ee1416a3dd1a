import type { Architecture, OperatingSystem, UserAgent } from "./user_agent.ts";

/** The first that fits counts: `darwin` holds `win`, and Android says that it is Linux. */
const SYSTEMS: readonly (readonly [RegExp, OperatingSystem])[] = [
  [/iphone|ipad|\bios\b/, "ios"],
  [/darwin|mac\s?os|macintosh/, "macos"],
  [/android/, "android"],
  [/\bcros\b|chromeos/, "chromeos"],
  [/windows|win32|win64/, "windows"],
  [/freebsd/, "freebsd"],
  [/linux/, "linux"],
];
const PROCESSORS: readonly (readonly [RegExp, Architecture])[] = [
  [/aarch64|arm64/, "arm64"],
  [/x86_64|amd64|win64|\bx64\b/, "x86_64"],
  [/\bi[36]86\b|\bx86\b|\b386\b/, "x86"],
  [/\barm/, "arm"],
];
const LANGUAGES: ReadonlyMap<string, string> = new Map([
  ...["python", "go", "java", "js", "ruby", "rust", "php", "kotlin", "swift", "scala"]
    .map((name) => [name, name] as const),
  ...[["nodejs", "js"], ["node", "js"], ["javascript", "js"], ["typescript", "js"]] as const,
  ...[[".net_core", "dotnet"], ["dotnet", "dotnet"], [".net", "dotnet"]] as const,
  ...[["c++", "cpp"], ["cpp", "cpp"]] as const,
]);

/** Notes the operating system and processor that a text names, where none was noted before. */
export function notePlatform(agent: UserAgent, text: string): void {
  const lower = text.toLowerCase();
  agent.os ??= SYSTEMS.find(([pattern]) => pattern.test(lower))?.[1] ?? null;
  agent.arch ??= PROCESSORS.find(([pattern]) => pattern.test(lower))?.[1] ?? null;
}

/** Notes the programming language of a client, where none was noted before. */
export function noteLanguage(agent: UserAgent, name: string): void {
  agent.language ??= LANGUAGES.get(name.toLowerCase()) ?? null;
}

/** Notes what a comment says: `(go1.19.3; linux; amd64)`, `(X11; Ubuntu; Linux x86_64)`. */
export function noteComment(agent: UserAgent, comment: string): void {
  notePlatform(agent, comment);
  if (/^go1\.\d/.test(comment)) noteLanguage(agent, "go");
}
