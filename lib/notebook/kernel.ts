import { randomBytes, randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Dealer, type Subscriber } from "zeromq";
import { decodeMessage, encodeMessage, type KernelMessage } from "./kernel_messages.ts";
import { framesOf, SOCKET, subscriberOf } from "./kernel_socket.ts";
import { Quiet } from "./quiet.ts";
import { withoutTerminalCodes } from "./visible_text.ts";

/**
 * The variables handed on to a kernel: what Deno needs to find its cache and to fetch a module that
 * is missing from it. Nothing else of the environment reaches a notebook.
 */
const KERNEL_VARIABLES = [
  "HOME",
  "PATH",
  "TMPDIR",
  "DENO_DIR",
  "XDG_CACHE_HOME",
  "NPM_CONFIG_REGISTRY",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
] as const;

/** How the running of a piece of code ended. */
export type Execution =
  | { state: "ok" }
  | { state: "error"; name: string; message: string; traceback: string[] }
  | { state: "timed-out" }
  /** The kernel's process ended; `lastWords` is the end of what it wrote to stderr, cleaned. */
  | { state: "died"; code: number; lastWords: string };

interface KernelOptions {
  /** The working directory: `deno.json` is looked for from here upwards. */
  cwd: string;
  /** Variables for the kernel besides {@link KERNEL_VARIABLES}. */
  env?: Record<string, string>;
  /** Kills the kernel. */
  signal?: AbortSignal | undefined;
}

interface ExecuteOptions {
  timeoutMs: number;
  /** How long to listen on after the last that was printed; starts again with every output. */
  graceMs: number;
  /** Called for every message that the code causes, in order; late ones too. */
  onMessage: (message: KernelMessage) => void;
  /** Called where outputs were lost: one was larger than a kernel can send. */
  onLost: () => void;
}

/** How long a kernel may take to answer for the first time. */
const START_TIMEOUT_MS = 30_000;

/** What a kernel says of running the code that prints a mark. */
const OF_THE_MARK = new Set(["status", "execute_input", "error"]);

/** How long a kernel that answers may put out nothing before what it was to send counts as lost. */
const SILENCE_MS = 5_000;

const UNSTABLE_WARNING = /^Warning "deno jupyter" is unstable.*\n/m;

/** What {@link spawnKernel} runs. */
const KEEPER = fileURLToPath(new URL("./keep_kernel.ts", import.meta.url));

/**
 * Starts `deno jupyter` on ports of 127.0.0.1 and waits until it answers and its outputs arrive.
 * Messages are signed with a key of 32 random bytes that lies in a file for this user's eyes only,
 * which is removed once the kernel has read it. A kernel runs with all of Deno's permissions.
 * Throws a {@link KernelError}, or the reason of the signal. `begun`: the kernel of
 * {@link beginKernel} with these options, if it comes to answer.
 */
export async function startKernel(options: KernelOptions, begun?: Kernel): Promise<Kernel> {
  for (let attempt = 1;; attempt++) {
    const kernel = attempt === 1 && begun !== undefined ? begun : new Kernel(options);
    try {
      await kernel.ready(START_TIMEOUT_MS);
      return kernel;
    } catch (error) {
      await kernel[Symbol.asyncDispose]();
      // Another process may have taken a port between our looking for it and the kernel's using it.
      const again = error instanceof KernelError && error.gone && !options.signal?.aborted;
      if (attempt === 3 || !again) throw error;
    }
  }
}

/**
 * Has a kernel start and load the kit while something else goes on, for {@link startKernel}. It
 * needs nothing of this process meanwhile, however long that is busy; the file with its key stays
 * until then, or until it is disposed of.
 */
export function beginKernel(options: KernelOptions): Kernel {
  const kernel = new Kernel(options);
  kernel.prepare('await import("shellscope")');
  return kernel;
}

/** A kernel that did not start: its process ended (`gone`), or it did not answer in time. */
export class KernelError extends Error {
  override name = "KernelError";
  constructor(message: string, readonly gone: boolean) {
    super(message);
  }
}

/** A running kernel. One piece of code at a time. */
export class Kernel implements AsyncDisposable {
  readonly #key = randomBytes(32).toString("hex");
  readonly #session = randomUUID();
  readonly #listeners = new Map<string, (message: KernelMessage, channel: Channel) => void>();
  readonly #shell: Dealer;
  readonly #iopubPort: number;
  #iopub: Subscriber;
  #folder: string | null;
  readonly #child: Deno.ChildProcess;
  readonly #stopped: Promise<void>[];
  readonly #gone: Promise<{ code: number }>;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#kill();
  #lastWords = "";
  #alive = true;
  #heardAt = 0;

  constructor(options: KernelOptions) {
    options.signal?.throwIfAborted();
    this.#signal = options.signal;
    const [shell = 0, iopub = 0, stdin = 0, control = 0, heartbeat = 0] = freePorts(5);
    const connection = {
      transport: "tcp",
      ip: "127.0.0.1",
      shell_port: shell,
      iopub_port: iopub,
      stdin_port: stdin,
      control_port: control,
      hb_port: heartbeat,
      signature_scheme: "hmac-sha256",
      key: this.#key,
      kernel_name: "deno",
    };
    const folder = Deno.makeTempDirSync({ prefix: "shellscope-kernel-" }); // mode 0700
    this.#folder = folder;
    try {
      this.#child = spawnKernel(folder, connection, options);
    } catch (error) {
      this.#removeFolder();
      throw error;
    }
    this.#gone = this.#child.status.then((status) => {
      this.#alive = false;
      return status;
    });
    this.#signal?.addEventListener("abort", this.#onAbort);
    this.#shell = new Dealer(SOCKET);
    this.#shell.connect(`tcp://127.0.0.1:${shell}`);
    this.#iopubPort = iopub;
    this.#iopub = subscriberOf(iopub);
    this.#stopped = [
      this.#child.stdout.pipeTo(new WritableStream()).catch(() => {}),
      this.#keepLastWords(),
    ];
  }

  /** Has code run as soon as the kernel is there; nobody waits for it, or is told how it ended. */
  prepare(code: string): void {
    const how = { silent: true, store_history: false, allow_stdin: false, stop_on_error: false };
    this.#request("execute_request", { code, user_expressions: {}, ...how }, () => {});
  }

  /** Asks until both an answer and an iopub status came: only then does the subscription stand. */
  async ready(timeoutMs: number): Promise<void> {
    this.#stopped.push(this.#listen(this.#shell, "shell"), this.#listen(this.#iopub, "iopub"));
    await this.#untilHeard(timeoutMs);
    this.#removeFolder(); // the kernel has read the file: nobody else needs it
  }

  async #untilHeard(timeoutMs: number): Promise<void> {
    const seen = { shell: Promise.withResolvers<void>(), iopub: Promise.withResolvers<void>() };
    const ask = () =>
      this.#request("kernel_info_request", {}, (_, channel) => seen[channel].resolve());
    const again = setInterval(ask, 25);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(new KernelError(`no answer within ${timeoutMs / 1000} s`, false)),
      timeoutMs,
    );
    try {
      const gone = this.#gone.then(({ code }) => {
        this.#signal?.throwIfAborted();
        throw new KernelError(`it ended with code ${code}: ${this.#lastWords.trim()}`, true);
      });
      await Promise.race([
        Promise.all([seen.shell.promise, seen.iopub.promise]),
        gone,
        late.promise,
      ]);
    } finally {
      clearInterval(again);
      clearTimeout(timer);
    }
  }

  /** Runs code and waits for its reply and for all that it puts out, which may come later. */
  async execute(code: string, options: ExecuteOptions): Promise<Execution> {
    const reply = Promise.withResolvers<Execution>();
    const late = Promise.withResolvers<Execution>();
    const timer = setTimeout(() => late.resolve({ state: "timed-out" }), options.timeoutMs);
    const quiet = new Quiet(options.graceMs);
    this.#request("execute_request", {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    }, (message) => {
      if (message.type === "execute_reply") reply.resolve(executionOf(message.content));
      else if (message.type !== "status") options.onMessage(message);
      quiet.hear();
    });
    const ended = async () => {
      const end = await reply.promise;
      await this.#printedAll(options);
      await quiet.begin();
      return end;
    };
    try {
      return await Promise.race([ended(), late.promise, this.#death()]);
    } finally {
      clearTimeout(timer);
      quiet.end();
    }
  }

  /**
   * Waits for what was printed so far. A kernel says that code has ended before it has sent that, but
   * sends it in order: so it is asked to print a mark. What comes before the mark may be named after
   * the question that asks for it. Where outputs are lost, says so, and has those to come sent again.
   */
  async #printedAll({ onMessage, onLost }: ExecuteOptions): Promise<void> {
    const mark = randomUUID();
    const result = Promise.withResolvers<"heard" | "silent">();
    let answered = false;
    this.#heardAt = performance.now();
    const how = { silent: true, store_history: false, allow_stdin: false, stop_on_error: false };
    // not by the console: a notebook may have one of its own
    const code = `Deno[Deno.internal].core.print("${mark}")`;
    this.#request("execute_request", { code, user_expressions: {}, ...how }, (message) => {
      if (message.type === "execute_reply") answered = true;
      else if (message.content["text"] === mark) result.resolve("heard");
      else if (!OF_THE_MARK.has(message.type)) onMessage(message);
    });
    const look = setInterval(() => {
      if (performance.now() - this.#heardAt > SILENCE_MS) result.resolve("silent");
    }, SILENCE_MS / 10);
    const found = await Promise.race([result.promise, this.#gone]);
    clearInterval(look);
    // one that is busy with something else has lost nothing
    if (found !== "silent" || !answered) return;
    this.#iopub.close();
    this.#iopub = subscriberOf(this.#iopubPort);
    this.#stopped.push(this.#listen(this.#iopub, "iopub"));
    onLost();
    // whoever runs the next code is told when it does not come
    await this.#untilHeard(START_TIMEOUT_MS).catch(() => {});
  }

  async #death(): Promise<Execution> {
    const { code } = await this.#gone;
    this.#signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 50)); // what it sent last is still on its way
    return { state: "died", code, lastWords: this.#lastWords };
  }

  #request(
    type: string,
    content: Record<string, unknown>,
    listener: (message: KernelMessage, channel: Channel) => void,
  ): void {
    const id = randomUUID();
    this.#listeners.set(id, listener);
    const date = new Date().toISOString();
    const header = { msg_id: id, msg_type: type, session: this.#session, date };
    // A send that fails means that the kernel is gone, which is reported as such.
    this.#shell.send(encodeMessage(header, content, this.#key)).catch(() => {});
  }

  async #listen(socket: Dealer | Subscriber, channel: Channel): Promise<void> {
    for await (const frames of framesOf(socket)) {
      if (channel === "iopub") this.#heardAt = performance.now();
      const message = decodeMessage(frames, this.#key);
      if (message?.parentId) this.#listeners.get(message.parentId)?.(message, channel);
    }
  }

  async #keepLastWords(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child.stderr) {
      const words = this.#lastWords + decoder.decode(bytes, { stream: true });
      this.#lastWords = withoutTerminalCodes(words).replace(UNSTABLE_WARNING, "").slice(-400);
    }
  }

  #removeFolder(): void {
    if (this.#folder === null) return;
    try {
      Deno.removeSync(this.#folder, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // the keeper was faster
    }
    this.#folder = null;
  }

  #kill(): void {
    if (this.#alive) void this.#child.stdin.close().catch(() => {}); // the keeper ends it then
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#kill();
    this.#shell.close();
    this.#iopub.close();
    await Promise.all([this.#gone, ...this.#stopped]);
    this.#removeFolder();
  }
}

type Channel = "shell" | "iopub";

/** Starts a kernel that ends when the pipe to its keeper closes: by us, or by our end. */
function spawnKernel(
  folder: string,
  connection: Record<string, string | number>,
  options: KernelOptions,
): Deno.ChildProcess {
  const file = `${folder}/connection.json`;
  Deno.writeTextFileSync(file, JSON.stringify(connection), { mode: 0o600 });
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-config", "--no-lock", `--allow-run=${Deno.execPath()}`],
      ...[`--allow-write=${folder}`, KEEPER, Deno.execPath(), folder],
    ],
    cwd: options.cwd,
    clearEnv: true,
    env: { ...inheritedVariables(), NO_COLOR: "1", TZ: "UTC", LANG: "C.UTF-8", ...options.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

function executionOf(content: Record<string, unknown>): Execution {
  if (content["status"] === "ok") return { state: "ok" };
  const traceback = content["traceback"];
  return {
    state: "error",
    name: String(content["ename"] ?? "Error"),
    message: String(content["evalue"] ?? ""),
    traceback: Array.isArray(traceback) ? traceback.map(String) : [],
  };
}

function inheritedVariables(): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of KERNEL_VARIABLES) {
    const value = Deno.env.get(name);
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}

function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map((listener) => listener.addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
