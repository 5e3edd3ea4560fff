import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createSystemClock, createSystemRandom, type JsonValue } from "@orrery/core";
import { createRealMachine, REAL_RULES, realProgram } from "../testing/supervise/real-machine.ts";
import { waitUntil } from "../testing/wait-until.ts";
import { createStateFile } from "./state-file.ts";
import type { SuperviseEvent } from "./supervise.ts";
import { createSupervisor } from "./supervisor.ts";
import { createSystemControl } from "./system-control.ts";
import { componentProgram } from "./system-door.ts";

const APP = fileURLToPath(new URL("../testing/supervise/mirror-app.ts", import.meta.url));

/** A supervisor of one child that has a file of variables. */
async function keep(
  make: (folder: string) => JsonValue,
  on: (event: SuperviseEvent, envFile: string) => void = () => undefined,
) {
  const machine = await createRealMachine();
  const program = make(machine.folder);
  const envFile = join(machine.folder, "env");
  writeFileSync(envFile, "API_KEY=s3cret\n");
  const events: SuperviseEvent[] = [];
  const supervisor = await createSupervisor({
    control: createSystemControl({ folder: join(machine.folder, "s"), output: "ignore" }),
    store: createStateFile(join(machine.folder, "state.json")),
    clock: createSystemClock(),
    random: createSystemRandom(),
    onEvent: (event) => {
      events.push(event);
      on(event, envFile);
    },
  });
  const apply = () => {
    const children = [{ name: "a", program: { ...(program as object), envFile } }];
    supervisor.apply({ groups: [{ name: "g", rules: { ...REAL_RULES, backoffMinMs: 1, backoffMaxMs: 1 }, children }] });
  };
  const status = () => supervisor.status()[0];
  return {
    ...{ machine, envFile, events, supervisor, apply, status },
    is: async (state: string) => await waitUntil(() => status()?.state === state),
    async [Symbol.asyncDispose]() {
      await supervisor.kill();
      await machine[Symbol.asyncDispose]();
    },
  };
}

describe("withEnvFile", () => {
  it("starts nothing without the file, says why until it is given up, and starts it once the file is there", async () => {
    await using kept = await keep((folder) => realProgram("serve", folder));
    rmSync(kept.envFile);
    kept.apply();
    await kept.is("given-up");
    const gone = `the file of its secrets "${kept.envFile}" is gone: have it written again`;
    assert.deepEqual([...new Set(kept.status()?.exits.map(({ pid, text }) => `${pid} ${text}`))], [`0 ${gone}`]);
    assert.match(kept.status()?.cause ?? "", /^Cannot start "a": something is missing, mend it and retry\n/);
    writeFileSync(kept.envFile, "API_KEY=s3cret\n");
    kept.supervisor.retry("a");
    await kept.is("ready");
  });

  it("looks before anything is prepared", async () => {
    await using kept = await keep((root) => {
      const folder = join(root, "shop");
      mkdirSync(folder);
      writeFileSync(join(folder, "before.sh"), "#!/bin/sh\ntouch begun\n", { mode: 0o700 });
      writeFileSync(join(folder, "component.yaml"), "checks: [before.sh]\ncommands: { beforeStart: [before.sh] }\n");
      return { ...(realProgram("serve", root) as object), environment: folder };
    });
    rmSync(kept.envFile);
    kept.apply();
    await kept.is("given-up");
    assert.equal(existsSync(join(kept.machine.folder, "shop/begun")), false);
  });

  it("lets run what runs, and ends what finds the file gone that it was started with", async () => {
    const program = componentProgram({ paths: [APP], cwd: "/", component: "mirror", node: "a" });
    let isTaken = false;
    await using kept = await keep(
      () => program,
      ({ kind }, envFile) => {
        if (kind === "starting" && isTaken) rmSync(envFile, { force: true });
      },
    );
    kept.apply();
    await kept.is("ready");
    const first = kept.status()?.pid ?? 0;
    rmSync(kept.envFile);
    assert.equal(kept.status()?.state, "ready");
    writeFileSync(kept.envFile, "API_KEY=s3cret\n");
    isTaken = true;
    process.kill(first, "SIGKILL");
    await kept.is("given-up");
    const told = kept.events.filter(({ kind }) => kind === "ended").map(({ text, pid }) => [pid > 0, text]);
    assert.deepEqual(told[1], [true, `the file of its secrets "${kept.envFile}" is gone: have it written again`]);
    assert.ok(kept.events.filter(({ kind }) => kind === "ready").length === 1);
  });
});
