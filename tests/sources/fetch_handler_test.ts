import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { FetchHandler } from "../../lib/sources/fetch_handler.ts";

interface Asked {
  path?: string;
  query?: Record<string, string | string[] | null>;
  abortSignal?: AbortSignal;
  timeoutMs?: number;
}

/** What a handler makes of the answer of a server. */
async function ask(listener: RequestListener, options: Asked = {}) {
  const { path = "/k", query = {}, abortSignal, timeoutMs = 20_000 } = options;
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const handler = new FetchHandler(timeoutMs);
  try {
    const { response } = await handler.handle({
      ...{ protocol: "http:", hostname: "127.0.0.1", port, method: "GET", path, query },
      headers: { host: `127.0.0.1:${port}` },
    }, { abortSignal });
    const body = new Uint8Array(await new Response(response.body ?? null).arrayBuffer());
    return { ...response, body };
  } finally {
    handler.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

Deno.test("FetchHandler hands out bytes as they are stored, also where they are called gzipped", async () => {
  const stored = gzipSync(new Uint8Array(100_000));
  const { statusCode, headers, body } = await ask((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip", "content-length": stored.length });
    response.end(stored);
  });
  assert.equal(statusCode, 200);
  assert.equal(headers["content-length"], String(stored.length));
  assert.deepEqual(body, new Uint8Array(stored));
});

Deno.test("FetchHandler follows no redirect: it tells the bucket's region", async () => {
  const { statusCode, headers } = await ask((_, response) => {
    response.writeHead(301, {
      location: "http://127.0.0.1:1/",
      "x-amz-bucket-region": "eu-west-2",
    });
    response.end();
  });
  assert.deepEqual([statusCode, headers["x-amz-bucket-region"]], [301, "eu-west-2"]);
});

Deno.test("FetchHandler writes the query as it was signed", async () => {
  let url = "";
  await ask((request, response) => {
    url = request.url ?? "";
    response.end();
  }, {
    path: "/b/a%20b",
    query: { versions: "", prefix: "a b/(c)*", many: ["1", "2"], bare: null },
  });
  assert.equal(url, "/b/a%20b?versions=&prefix=a%20b%2F%28c%29%2A&many=1&many=2&bare");
});

Deno.test("FetchHandler tells apart what went wrong with a connection", async () => {
  const codeOf = (code: string) => (error: { code?: string }) => error.code === code;
  await assert.rejects(ask((_, response) => void response.destroy()), codeOf("ECONNRESET"));
  await assert.rejects(ask(() => {}, { timeoutMs: 20 }), { name: "TimeoutError" });
  const reason = new Error("stopped");
  await assert.rejects(ask(() => {}, { abortSignal: AbortSignal.abort(reason) }), reason);
  const handler = new FetchHandler(20_000);
  const nowhere = { protocol: "http:", hostname: "127.0.0.1", port: await freePort() };
  await assert.rejects(
    handler.handle({ ...nowhere, method: "GET", path: "/", headers: {} }),
    codeOf("ECONNREFUSED"),
  );
  handler.destroy();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
