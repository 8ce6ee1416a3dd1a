/**
 * `deno task lab`: installs the kernel under a name of its own, so that one that is there already
 * stays as it is, and says how to open the notebooks. `deno run … lib/notebook/lab.ts`
 */
import { fileURLToPath } from "node:url";

const NAME = "shellscope";
const KIT = fileURLToPath(new URL("../../", import.meta.url));

/** How to open the notebooks, for people. */
export function howToOpen(): string {
  return `The kernel "${NAME}" is installed. A kernel runs with all permissions: open only notebooks
that you trust.

JupyterLab (https://jupyter.org):
  jupyter lab ${KIT}notebooks
  and choose the kernel "shellscope (Deno)" where it asks for one.

VS Code, with the extension "Jupyter":
  code ${KIT}
  open a notebook, then Select Kernel, Jupyter Kernel, "shellscope (Deno)".

Without either:
  deno task render notebooks/01_start_here.ipynb
`;
}

if (import.meta.main) {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["jupyter", "--install", "--force", "--name", NAME, "--display", "shellscope (Deno)"],
    env: { NO_COLOR: "1" },
  }).output();
  if (success) console.log(howToOpen());
  else {
    console.error(`Cannot install the kernel: ${new TextDecoder().decode(stderr).trim()}`);
    Deno.exitCode = 1;
  }
}
