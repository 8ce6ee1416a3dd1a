/** What Google's machines say of themselves: a token for whoever asks. */
export function serveToken(): { host: string } & AsyncDisposable {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ url }) => {
    const headers = { "metadata-flavor": "Google" };
    if (!url.includes("/token")) return new Response("p", { headers });
    return Response.json({ access_token: "t", expires_in: 3000 }, { headers });
  });
  return {
    host: `127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
