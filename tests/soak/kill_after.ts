/** Waits for a process, or kills it after some milliseconds where it has not ended by then. */
export async function endOf(
  child: Deno.ChildProcess,
  afterMs: number | undefined,
): Promise<{ code: number; killed: boolean; said: string }> {
  const said = new Response(child.stderr).text();
  const kill = afterMs === undefined ? undefined : setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch {
      // it has just ended by itself
    }
  }, afterMs);
  const { code, signal } = await child.status;
  clearTimeout(kill);
  return { code, killed: signal === "SIGKILL", said: await said };
}
