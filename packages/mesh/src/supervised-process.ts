/** The program of a process that serves one instance of a component under a supervisor; started by it, never by hand. */
import { serveSupervised } from "./supervise/component-child.ts";
import type { NodeProgram } from "./supervise/node-program.ts";
import { joinWhenTold } from "./supervise/system-child.ts";
import { processDoor } from "./supervise/system-door.ts";
import { missingEnvFile } from "./supervise/system-env-file.ts";
import { maskOutput } from "./supervise/system-mask-output.ts";
import { stampOutput } from "./supervise/system-stamp-output.ts";

const line = await joinWhenTold(async () => await (await import("./supervise/warm-up.ts")).warmUp());
const missing = missingEnvFile(line.program as unknown as NodeProgram);
stampOutput(line.program as unknown as NodeProgram);
if (missing === undefined) await serveSupervised(maskOutput(line), processDoor());
else {
  await line.failed(missing); // It went since this process was started: nobody could mask what is printed.
  processDoor().exit(1);
}
