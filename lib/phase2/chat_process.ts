import { fileURLToPath } from "node:url";
import {
  type AnswerMode,
  type Chat,
  type ChatAsk,
  ChatError,
  type ChatFault,
  type Reply,
  type Tries,
} from "./chat.ts";
import type { Message } from "./prompt.ts";

/** A line to the process that asks: a request in both forms, or word that nobody waits for it. */
export type ChatOrder =
  | { id: number; strict: Message[]; told: Message[]; spare: number }
  | { id: number; cancel: true };

/** A line from it. */
export type ChatWord =
  & { id: number; mode: AnswerMode | null }
  & ({ reply: Reply } | { fault: ChatFault; message: string; status: number | null; spent: Tries });

interface ChatProcessOptions {
  baseURL: string;
  model: string;
  /** Name of the environment variable that holds the key. */
  apiKeyEnv: string;
}

const CHILD = fileURLToPath(new URL("./chat_child.ts", import.meta.url));

/**
 * A server and a model, asked by a process of its own: it alone may reach the server's host and read
 * the key, and may do nothing else. The rest of the kit gets neither. Dispose it when all is asked.
 */
export function openChatProcess(options: ChatProcessOptions): Chat & AsyncDisposable {
  return new ChatProcess(options);
}

class ChatProcess implements Chat {
  readonly baseURL: string;
  readonly model: string;
  #mode: AnswerMode | null = null;
  #ended = false;
  #next = 0;
  readonly #waiting = new Map<number, PromiseWithResolvers<Reply>>();
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;

  constructor({ baseURL, model, apiKeyEnv }: ChatProcessOptions) {
    this.baseURL = baseURL;
    this.model = model;
    const { host } = new URL(baseURL);
    const ask = ["run", "--no-prompt", `--allow-net=${host}`, `--allow-env=${apiKeyEnv}`];
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...ask, CHILD, baseURL, model, apiKeyEnv],
      ...{ stdin: "piped", stdout: "piped", stderr: "null" },
    }).spawn();
    this.#orders = this.#child.stdin.getWriter();
    this.#reading = this.#read();
  }

  get mode(): AnswerMode | null {
    return this.#mode;
  }

  async ask(
    messages: (mode: AnswerMode) => Message[],
    { spare, signal }: ChatAsk,
  ): Promise<Reply> {
    signal?.throwIfAborted();
    if (this.#ended) throw this.#end({ tries: 0, lost: 0 });
    const id = ++this.#next;
    const turn = Promise.withResolvers<Reply>();
    this.#waiting.set(id, turn);
    const cancel = () => {
      turn.reject(signal!.reason);
      void this.#tell({ id, cancel: true });
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      await this.#tell({ id, strict: messages("json-schema"), told: messages("plain"), spare });
      return await turn.promise;
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#waiting.delete(id);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orders.close().catch(() => {});
    await this.#reading;
    await this.#child.status;
  }

  async #tell(order: ChatOrder): Promise<void> {
    await this.#orders.write(new TextEncoder().encode(`${JSON.stringify(order)}\n`)).catch(() => {
      // the process is gone: what waits for it is told so by the reader
    });
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#take(JSON.parse(line));
    }
    this.#ended = true;
    // what it had sent by then nobody knows
    for (const { reject } of this.#waiting.values()) reject(this.#end({ tries: 1, lost: 1 }));
  }

  #end(spent: Tries): ChatError {
    const { model, baseURL } = this;
    const message =
      `Cannot ask the model "${model}" at ${baseURL}: the process that asks has ended`;
    return new ChatError(message, "unreachable", null, spent);
  }

  #take(word: ChatWord): void {
    this.#mode = word.mode;
    const turn = this.#waiting.get(word.id);
    if ("reply" in word) turn?.resolve(word.reply);
    else turn?.reject(new ChatError(word.message, word.fault, word.status, word.spent));
  }
}
