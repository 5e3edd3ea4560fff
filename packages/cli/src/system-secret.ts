import { CommandError } from "./command-error.ts";

/** Characters of a secret that somebody types. */
const SECRET_LENGTH_MAX = 1024;

/** Asks who types for a secret; what he types is not shown, and Ctrl-C gives up. Undefined where nobody types. */
export async function readSecret(prompt: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) return undefined;
  stdin.setRawMode(true); // Before it is asked for: who types fast would see it.
  stderr.write(prompt);
  stdin.setEncoding("utf8");
  stdin.resume();
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed = "";
      const take = (text: string) => {
        for (const key of text) {
          if (key === "\u0003") return end(() => reject(new CommandError("Cannot go on: the password was not given")));
          if (key === "\r" || key === "\n" || key === "\u0004") return end(() => resolve(typed));
          if (key === "\u0015") typed = "";
          else if (key === "\u007f" || key === "\b") typed = [...typed].slice(0, -1).join("");
          else if (typed.length < SECRET_LENGTH_MAX) typed += key;
        }
      };
      const end = (settle: () => void) => {
        stdin.off("data", take);
        settle();
      };
      stdin.on("data", take);
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}
