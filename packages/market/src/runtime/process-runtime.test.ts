import { spawnSync } from "node:child_process";
import { testRuntime } from "../testing/runtime-suite.ts";
import { createProcessRuntime } from "./system-process-runtime.ts";

const hasBwrap = spawnSync("bwrap", ["--version"]).status === 0;

const isRoot = process.getuid?.() === 0;

testRuntime("createProcessRuntime", {
  open: createProcessRuntime,
  hasNetworks: isRoot,
  skip: hasBwrap ? undefined : "there is no bwrap",
});
