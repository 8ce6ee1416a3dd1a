/**
 * `deno task lab`: installs the kernel under a name of its own, so that one that is there already
 * stays as it is, and says how to open the notebooks. `deno run … lib/notebook/lab.ts`
 */
import { fileURLToPath } from "node:url";

const NAME = "shellscope";
const KIT = fileURLToPath(new URL("../../", import.meta.url));

/** How to open the notebooks, for people; `folder` is where Deno has put the kernel. */
function howToOpen(folder: string): string {
  return `The kernel "${NAME}" is installed in
  ${folder}
A kernel runs with all permissions: open only notebooks that you trust.

JupyterLab (https://jupyter.org):
  jupyter lab ${KIT}notebooks
  and choose the kernel "shellscope (Deno)" where it asks for one. If it is not there, since
  JUPYTER_DATA_DIR is set, start JupyterLab with
  JUPYTER_PATH=${folder.replace(/.kernels.[^/\\]*$/, "")}

VS Code, with the extension "Jupyter":
  code ${KIT}
  open a notebook, then Select Kernel, Jupyter Kernel, "shellscope (Deno)".

Without either:
  deno task render notebooks/01_start_here.ipynb
`;
}

if (import.meta.main) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["jupyter", "--install", "--force", "--name", NAME, "--display", "shellscope (Deno)"],
    env: { NO_COLOR: "1" },
  }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
  const folder = / installed successfully at (.+?)\.?\s*$/m.exec(said)?.[1];
  if (success) console.log(howToOpen(folder ?? "a folder that Deno does not tell"));
  else {
    console.error(`Cannot install the kernel: ${new TextDecoder().decode(stderr).trim()}`);
    Deno.exitCode = 1;
  }
}
