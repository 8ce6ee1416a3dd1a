const CHROMIUM = "/usr/bin/chromium";

/** What a real browser made of a page: its document after all of it ran, and its complaints. */
interface Seen {
  html: string;
  console: string[];
}

/** Opens a page in headless Chromium; null, and a word on why, where there is none. */
export async function openInChromium(page: string): Promise<Seen | null> {
  try {
    await Deno.stat(CHROMIUM);
  } catch {
    console.warn(`not checked in a browser: there is no ${CHROMIUM}`);
    return null;
  }
  const folder = await Deno.makeTempDir({ prefix: "shellscope-chromium-" });
  try {
    const file = `${folder}/page.html`;
    await Deno.writeTextFile(file, page);
    const { stdout, stderr } = await new Deno.Command(CHROMIUM, {
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        `--user-data-dir=${folder}/profile`,
        "--enable-logging=stderr",
        "--virtual-time-budget=2000",
        "--dump-dom",
        `file://${file}`,
      ],
      env: { HOME: folder },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const console = text(stderr).split("\n").filter((line) => line.includes("CONSOLE"));
    return { html: text(stdout), console };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
