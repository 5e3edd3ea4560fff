import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createSystemClock, createSystemRandom, discardLog } from "@orrery/core";
import { createMemoryRuntime } from "../testing/memory-runtime.ts";
import { type RuntimeHarness, testRuntime } from "../testing/runtime-suite.ts";
import { createTurnClock } from "../testing/turn-clock.ts";
import type { AppRelease } from "./app-release.ts";
import { createAppLogs } from "./logs/system-app-logs.ts";
import { createProcessRuntime } from "./system-process-runtime.ts";

const CORE = fileURLToPath(new URL("../../../core", import.meta.url));

testRuntime("createMemoryRuntime", async (): Promise<RuntimeHarness> => {
  const clock = createTurnClock();
  const runtime = createMemoryRuntime({ clock, delayMs: () => 10, isGood: ({ id }) => id !== "bad" });
  return {
    open: async () => ({
      ...runtime,
      rest: (app) => Promise.race([runtime.rest(app), turning(clock)]),
      drop: (app) => Promise.race([runtime.drop(app), turning(clock)]),
    }),
    release: (app, id) => releaseOf({ app, id, folder: `/${id}` }),
    answers: async (_, app) => (runtime.stand(app).isReady ? runtime.stand(app).release?.id : undefined),
    pass: async () => void clock.turn(),
    close: async () => undefined,
  };
});

/** Lets all happen that is due, however late. */
async function turning(clock: ReturnType<typeof createTurnClock>): Promise<void> {
  while (clock.turn()) await undefined;
  await new Promise(() => undefined);
}

testRuntime("createProcessRuntime", async (): Promise<RuntimeHarness> => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-runtime-"));
  for (const id of ["v1", "v2", "bad"]) writeCode(join(folder, "code", id), id);
  return {
    open: () =>
      createProcessRuntime({
        folder: join(folder, "run"),
        components: () => [],
        logs: createAppLogs({ folder: join(folder, "logs"), clock: createSystemClock() }),
        clock: createSystemClock(),
        random: createSystemRandom(),
        log: discardLog,
      }),
    release: (app, id) => releaseOf({ app, id, folder: join(folder, "code", id) }),
    answers: async (runtime, app) => {
      const { caller } = runtime.stand(app);
      if (caller === undefined) return undefined;
      const body = new TextEncoder().encode("{}");
      const reply = await caller.call({ component: "teller", method: "tell" }, body, {
        timeoutMs: 10_000,
        agent: "ann",
        signal: new AbortController().signal,
      });
      return (JSON.parse(new TextDecoder().decode(reply)) as { id: string }).id;
    },
    pass: () => sleep(20),
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

/** Code that tells which release it is, or is broken. */
function writeCode(folder: string, id: string): void {
  mkdirSync(join(folder, "node_modules/@orrery"), { recursive: true });
  symlinkSync(CORE, join(folder, "node_modules/@orrery/core"));
  const code = `
import { defineComponent, defineService, json } from "@orrery/core";
const Teller = defineService("teller", { tell: { request: json<object>(), reply: json<{ id: string }>() } });
${id === "bad" ? 'throw new Error("it is broken");' : ""}
export default defineComponent(Teller, () => ({ tell: () => ({ id: "${id}" }) }));
`;
  writeFileSync(join(folder, "teller.ts"), code);
}

function releaseOf({ app, id, folder }: Pick<AppRelease, "app" | "id" | "folder">): AppRelease {
  const components = [{ name: "teller", path: "teller.ts", instances: 1 }];
  const file = { components, mechtrons: [], resources: [], requires: [], env: {}, secrets: {}, routes: [] };
  return { app, id, folder, file, source: `${app}-src:${id}:/orrery.yaml`, secrets: {} };
}
