import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { openCgroups } from "@orrery/mesh/internal";
import type { CageLimits } from "@orrery/mesh/supervise";
import { testIsolation } from "../testing/isolation-suite.ts";
import { createBwrapIsolation } from "./system-bwrap.ts";
import { openIsolation } from "./system-isolation.ts";
import { shownCode } from "./system-shown-code.ts";

const isRoot = process.getuid?.() === 0;
const hasBwrap = spawnSync("bwrap", ["--version"]).status === 0;
/** Nobody's number. */
const PLAIN_USER = 47_113;

if (hasBwrap && isRoot)
  testIsolation("openIsolation as root", {
    open: (data) => openIsolation({ wish: "cage", data }),
    boundsMemory: openCgroups({ name: "orrery-test" })?.controls.has("memory") === true,
  });

if (hasBwrap)
  testIsolation("createBwrapIsolation without rights", {
    open: (data) => createBwrapIsolation({ ...shownCode([]), hidden: [data], hasUsers: false, cgroups: undefined }),
    boundsMemory: false,
    ...(isRoot && {
      user: PLAIN_USER,
      as: ({ command, args, ...start }) => ({
        ...start,
        command: "/usr/bin/setpriv",
        args: [`--reuid=${PLAIN_USER}`, `--regid=${PLAIN_USER}`, "--clear-groups", "--", command, ...args],
      }),
    }),
  });

describe("openIsolation", () => {
  it("refuses strangers without a cage, and says what would work", () => {
    assert.throws(() => openIsolation({ wish: "none", data: "/nowhere", hasStrangers: true }), {
      code: "failed_precondition",
      message: /^Cannot let strangers sign up with isolation none: .* write --isolation cage, or --signup invited$/,
    });
  });

  it("says plainly that nothing is isolated where nobody asked for it", () => {
    const { kind, inForce, lacks } = openIsolation({ wish: "none", data: "/nowhere" });
    assert.deepEqual([kind, inForce, lacks.length], ["none", [], 1]);
  });
});

describe("openCgroups", () => {
  const limits: CageLimits = { of: "x", memoryBytes: 1_000_000, processors: 0.5, threadsMax: 10, scratchBytes: 1 };
  const inFolder = (does: (root: string) => void) => {
    const root = mkdtempSync(join(tmpdir(), "orrery-cgroup-"));
    try {
      does(root);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  };

  it("of version 2 goes on in a group of its own, shares its controls out, and bounds each process by them", () =>
    inFolder((root) => {
      const own = join(root, "unit");
      mkdirSync(own);
      writeFileSync(join(root, "cgroup.controllers"), "cpu memory pids\n");
      for (const [file, content] of Object.entries({
        "cgroup.controllers": "cpu memory pids\n",
        "cgroup.type": "domain\n",
        "cgroup.procs": "17\n",
      }))
        writeFileSync(join(own, file), content);
      writeFileSync(join(root, "self"), "0::/unit\n");
      const cgroups = openCgroups({ name: "apps", root, self: join(root, "self") });
      assert.deepEqual(
        [cgroups?.name, [...(cgroups?.controls ?? [])].sort()],
        ["cgroup v2", ["memory", "processors", "threads"]],
      );
      assert.equal(readFileSync(join(own, "platform", "cgroup.procs"), "utf8"), "17");
      assert.equal(readFileSync(join(own, "cgroup.subtree_control"), "utf8"), "+memory +cpu +pids");
      const group = join(own, "apps", "one");
      assert.deepEqual(cgroups?.make("one", limits), [join(group, "cgroup.procs")]);
      const said = (file: string) => readFileSync(join(group, file), "utf8");
      assert.deepEqual(["memory.max", "memory.swap.max", "memory.oom.group", "cpu.max", "pids.max"].map(said), [
        "1000000",
        "0",
        "1",
        "50000 100000",
        "10",
      ]);
      writeFileSync(join(group, "memory.events"), "max 3\noom_kill 2\n");
      writeFileSync(join(group, "pids.events"), "max 4\n");
      assert.deepEqual([cgroups?.memoryKills("one"), cgroups?.threadRefusals("one")], [2, 4]);
    }));

  it("of version 1 bounds by what it may make, and is nothing where that is nothing", () =>
    inFolder((root) => {
      mkdirSync(join(root, "memory", "a"), { recursive: true });
      writeFileSync(join(root, "cpu"), "no folder");
      writeFileSync(join(root, "self"), "4:memory:/a\n3:cpu:/\n2:freezer:/\n");
      const cgroups = openCgroups({ name: "apps", root, self: join(root, "self") });
      assert.deepEqual([cgroups?.name, [...(cgroups?.controls ?? [])]], ["cgroup v1", ["memory"]]);
      cgroups?.make("one", limits);
      const group = join(root, "memory", "a", "apps", "one");
      assert.equal(readFileSync(join(group, "memory.limit_in_bytes"), "utf8"), "1000000");
      assert.equal(existsSync(join(root, "cpu", "apps")), false);
      assert.equal(openCgroups({ name: "apps", root, self: join(root, "none") }), undefined);
    }));
});
