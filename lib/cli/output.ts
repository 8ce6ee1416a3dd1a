/** A file being written. */
interface Output extends Disposable {
  write(text: string): void;
  /** All is written: the file takes its place. */
  finish(): void;
}

/**
 * A file that only its owner may read. It takes the place of what `path` held when it is finished;
 * until then, and if it never is, that stays as it was. What is no plain file (a pipe, a device) is
 * written as it goes.
 */
export async function openOutput(path: string): Promise<Output> {
  const known = await Deno.stat(path).catch(() => null);
  const plain = known === null || known.isFile;
  const name = plain ? `${path}.${crypto.randomUUID().slice(0, 8)}.part` : path;
  const file = await Deno.open(name, { write: true, createNew: plain, mode: 0o600 });
  const encoder = new TextEncoder();
  let [open, finished] = [true, false];
  const close = () => {
    if (open) file.close();
    open = false;
  };
  return {
    write(text) {
      const bytes = encoder.encode(text);
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    },
    finish() {
      close();
      if (plain) Deno.renameSync(name, path);
      finished = true;
    },
    [Symbol.dispose]() {
      close();
      if (plain && !finished) Deno.removeSync(name);
    },
  };
}
