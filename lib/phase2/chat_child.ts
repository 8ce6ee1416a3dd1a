/**
 * The process that asks a model, for `openChatProcess()`: orders come as JSON lines on stdin, words
 * go out as JSON lines on stdout. Its arguments: base URL, model, name of the variable of the key.
 * It may reach that host and read that variable, nothing else.
 *
 * @module
 */
import { ChatError, openChat } from "./chat.ts";
import type { ChatOrder, ChatWord } from "./chat_process.ts";

const [baseURL = "", model = "", apiKeyEnv = ""] = Deno.args;
const apiKey = Deno.env.get(apiKeyEnv) ?? "";
const chat = apiKey === "" ? null : openChat({ baseURL, model, apiKey });
const cancels = new Map<number, AbortController>();

function say(word: ChatWord): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(word)}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

async function take(order: ChatOrder): Promise<void> {
  const { id } = order;
  if ("cancel" in order) return cancels.get(id)?.abort();
  if (chat === null) {
    const message = `Cannot ask the model "${model}" at ${baseURL}: the environment variable ` +
      `${apiKeyEnv}, which phase2.apiKeyEnv names, holds no key`;
    const spent = { tries: 0, lost: 0 };
    return say({ id, mode: null, fault: "key", message, status: null, spent });
  }
  const cancel = new AbortController();
  cancels.set(id, cancel);
  try {
    const reply = await chat.ask(
      (mode) => mode === "json-schema" ? order.strict : order.told,
      { spare: order.spare, signal: cancel.signal },
    );
    say({ id, mode: chat.mode, reply });
  } catch (error) {
    if (error instanceof ChatError) {
      const { fault, message, status, spent } = error;
      say({ id, mode: chat.mode, fault, message, status, spent });
    } else if (!cancel.signal.aborted) throw error;
  } finally {
    cancels.delete(id);
  }
}

let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) void take(JSON.parse(line));
}
// nobody is there any more to take an answer: ask for none
for (const cancel of cancels.values()) cancel.abort();
