#!/usr/bin/env node
// Plain JavaScript that Node 16 still runs, on purpose: an old Node ends in one clear line, or in a newer one beside it.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR_MIN) {
  const module = await import("node:module");
  module.enableCompileCache();
  if (existsSync(fileURLToPath(new URL("../src/index.ts", import.meta.url)))) {
    const { isBuilt, preferSource } = await import("./checkout.js");
    if (!isBuilt()) preferSource();
  }
  if (process.env.ORRERY_LAUNCHED !== undefined) (await import("./launched.js")).endWithLauncher();
  const { start } = await import("@orrery/cli");
  await start();
} else {
  const { startOnOwnNode } = await import("./own-node.js");
  startOnOwnNode(NODE_MAJOR_MIN);
}
