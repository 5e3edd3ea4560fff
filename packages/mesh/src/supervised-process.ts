/** The program of a process that serves one instance of a component under a supervisor; started by it, never by hand. */
import { serveSupervised } from "./supervise/component-child.ts";
import { joinWhenTold } from "./supervise/system-child.ts";
import { processDoor } from "./supervise/system-door.ts";
import { maskOutput } from "./supervise/system-mask-output.ts";

const line = await joinWhenTold(async () => await (await import("./supervise/warm-up.ts")).warmUp());
await serveSupervised(maskOutput(line), processDoor());
