import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type CommandResult, runCommand } from "../lib/command.ts";

const FOLDER = "contracts";

const EXCEPTION = "mend it, or say in the line before why it is right";

/**
 * Checks the contracts of the market: one form, no finding of two linters, and no warning of the compiler. That the code which is generated from them
 * is fresh is for "generated" to tell.
 */
export async function checkContracts(): Promise<CommandResult> {
  const forge = forgeBinary();
  const checks = [
    { words: [forge, "fmt", "--check"], mend: 'run "npx forge fmt" in contracts/' },
    { words: [forge, "lint", "--deny", "notes"], mend: EXCEPTION },
    {
      words: ["solhint", "-c", "solhint.config.cjs", "--max-warnings", "0", "--disc", "{src,test}/*.sol"],
      mend: EXCEPTION,
    },
  ];
  const results = await Promise.all(
    checks.map(async ({ words, mend }) => ({ ...(await runCommand(words, { folder: FOLDER })), words, mend })),
  );
  const bad = results.filter(({ code }) => code !== 0);
  const output = bad.map(({ output: said, words, mend }) => `${words.join(" ")}\n${said.trimEnd()}\n    ${mend}`);
  return { code: bad.length === 0 ? 0 : 1, output: output.join("\n\n") };
}

/** The packaged program itself: its wrapper in `.bin` ends well even where the program does not. */
function forgeBinary(): string {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const manifest = `@foundry-rs/forge-${process.platform}-${arch}/package.json`;
  return join(dirname(createRequire(import.meta.url).resolve(manifest)), "bin", "forge");
}
