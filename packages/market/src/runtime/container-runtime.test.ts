import { spawnSync } from "node:child_process";
import { testRuntime } from "../testing/runtime-suite.ts";
import { createContainerRuntime } from "./system-container-runtime.ts";

const hasRunc = spawnSync("runc", ["--version"]).status === 0;
const isRoot = process.getuid?.() === 0;

testRuntime("createContainerRuntime", {
  open: createContainerRuntime,
  skip: !isRoot ? "containers need root" : hasRunc ? undefined : "there is no runc",
});
