import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bwrapArguments } from "./bwrap-arguments.ts";
import type { ContainerStart } from "./container-backend.ts";
import { runcConfig } from "./runc-config.ts";

const START: ContainerStart = {
  id: "c1",
  hostname: "pod",
  lower: "/lower",
  scratch: "/scratch",
  command: ["node", "x.js"],
  workingDir: "/app",
  env: { GREETING: "hi" },
  user: { uid: 5, gid: 6 },
  hostUser: 1_100_000_000,
  binds: [{ from: "/volumes/v", to: "/data", isReadOnly: true }],
  network: {
    nameSpace: "/run/netns/n",
    env: {},
    reach: (port) => ({ host: "10.0.0.1", port }),
    traffic: () => undefined,
    close: async () => {},
  },
  limits: { memoryBytes: 64 * 1024 ** 2, processors: 0.25 },
};

describe("runcConfig", () => {
  it("says the limits, the users, the network and the rights of a container", () => {
    const config = JSON.parse(JSON.stringify(runcConfig(START, { cgroup: "/pods/c1" })));
    assert.deepEqual(config.linux.resources.memory, { limit: 67_108_864, swap: 67_108_864 });
    assert.deepEqual(config.linux.resources.cpu, { quota: 25_000, period: 100_000 });
    assert.deepEqual(config.linux.uidMappings, [{ containerID: 0, hostID: 1_100_000_000, size: 65_536 }]);
    const namespaces: { readonly type: string; readonly path?: string }[] = config.linux.namespaces;
    assert.deepEqual(namespaces.map(({ type }) => type).sort(), [
      "cgroup",
      "ipc",
      "mount",
      "network",
      "pid",
      "user",
      "uts",
    ]);
    assert.equal(namespaces.find(({ type }) => type === "network")?.path, "/run/netns/n");
    assert.equal(config.process.noNewPrivileges, true);
    for (const right of ["CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_SYS_PTRACE", "CAP_MKNOD"])
      assert.ok(!config.process.capabilities.bounding.includes(right), right);
    const refused: string[] = config.linux.seccomp.syscalls.flatMap(({ names }: { names: string[] }) => names);
    for (const call of ["mount", "unshare", "setns", "bpf", "keyctl", "ptrace", "clone3"])
      assert.ok(refused.includes(call), call);
    assert.deepEqual(
      [config.process.user, config.process.env, config.process.cwd],
      [{ uid: 5, gid: 6 }, ["GREETING=hi"], "/app"],
    );
  });
});

describe("bwrapArguments", () => {
  it("binds what is assembled as it is, and files by themselves where nothing could be", () => {
    const assembled = bwrapArguments(START, true).join(" ");
    const bare = bwrapArguments(START, false).join(" ");
    assert.match(assembled, /--bind \/mnt\/root \/ --proc \/proc --dev \/dev --chdir \/app$/);
    assert.match(bare, /--ro-bind \/lower \/ .*--tmpfs \/tmp .*--ro-bind \/volumes\/v \/data --chdir \/app$/);
    for (const said of [assembled, bare])
      assert.match(
        said,
        /--unshare-user --disable-userns --uid 5 --gid 6 .*--unshare-pid .*--die-with-parent .*--clearenv --setenv GREETING hi/,
      );
  });
});
