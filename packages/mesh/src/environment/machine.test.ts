import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createMemoryMachine } from "../testing/environment/memory-machine.ts";
import { waitUntil } from "../testing/wait-until.ts";
import type { Machine } from "./machine.ts";
import { createSystemMachine } from "./system-machine.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-machine-"));
const server = createServer((socket) => socket.destroy());
let taken = 0;
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  taken = (server.address() as AddressInfo).port;
  writeFileSync(join(folder, "text"), "some text");
  chmodSync(join(folder, "text"), 0o600);
  mkdirSync(join(folder, "data"));
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

const MACHINES: readonly (readonly [string, () => Machine])[] = [
  ["createSystemMachine", createSystemMachine],
  [
    "createMemoryMachine",
    () =>
      createMemoryMachine({
        node: process.versions.node,
        variables: { PATH: "/bin" },
        files: { [join(folder, "text")]: "some text", [join(folder, "data/")]: "" },
        taken: { [taken]: `process ${process.pid}` },
        answering: [`tcp://127.0.0.1:${taken}`],
        ends: { "node -e process.exit(3)": { code: 3, trouble: "it exited with code 3", lines: [] } },
      }),
  ],
];

for (const [name, make] of MACHINES)
  describe(name, () => {
    it("knows Node, variables, and what is at a path", async () => {
      const machine = make();
      assert.equal(machine.node, process.versions.node);
      assert.ok(machine.variables["PATH"]);
      const text = { is: "file", isReadable: true, isWritable: true, isPrivate: true };
      assert.deepEqual(await machine.look(join(folder, "text")), text);
      assert.equal((await machine.look(join(folder, "data")))?.is, "folder");
      assert.equal(await machine.look(join(folder, "none")), undefined);
    });

    it("reads a file up to a length, and no longer one", async () => {
      const machine = make();
      assert.equal(await machine.read(join(folder, "text"), 9), "some text");
      await assert.rejects(machine.read(join(folder, "text"), 8));
      await assert.rejects(machine.read(join(folder, "none"), 8));
    });

    it("says who listens at a port", async () => {
      assert.match(await make().listen("127.0.0.1", taken), new RegExp(`^is taken by process ${process.pid}`));
    });

    it("says what is reachable, and what is free", async () => {
      const machine = make();
      assert.equal(await machine.reach(`tcp://127.0.0.1:${taken}`, 2_000), "");
      assert.equal(await machine.reach("tcp://127.0.0.1:1", 2_000), "is not reachable (ECONNREFUSED)");
      assert.ok((await machine.free("disk", folder)) > 0);
      assert.ok((await machine.free("memory", folder)) > 0);
    });

    it("runs a command to its end", async () => {
      const order = { cwd: folder, variables: {}, timeoutMs: 10_000 };
      const end = await make().run({ ...order, words: ["node", "-e", "process.exit(3)"] });
      assert.deepEqual(end, { code: 3, trouble: "it exited with code 3", lines: [] });
    });
  });

describe("createSystemMachine", () => {
  const machine = createSystemMachine();
  const run = async (words: readonly string[], timeoutMs = 10_000) =>
    await machine.run({ words, cwd: folder, variables: { WORD: "word" }, timeoutMs });

  it("tells a file that others may read, and a port that is free again", async () => {
    writeFileSync(join(folder, "open"), "");
    chmodSync(join(folder, "open"), 0o640);
    assert.equal((await machine.look(join(folder, "open")))?.isPrivate, false);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    assert.notEqual(await machine.listen("0.0.0.0", port), "");
    await new Promise((resolve) => other.close(resolve));
    assert.equal(await machine.listen("0.0.0.0", port), "");
    assert.match(await machine.listen("203.0.113.1", port), /^cannot be opened at 203\.0\.113\.1 \(EADDRNOTAVAIL\)$/);
  });

  it("takes any answer of HTTP for one, but those of a server that fails, or is too slow", async () => {
    let status = 404;
    const http = createHttp((_, response) => (status === 0 ? undefined : response.writeHead(status).end()));
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
    assert.equal(await machine.reach(url, 5_000), "");
    status = 503;
    assert.equal(await machine.reach(url, 5_000), "answers with status 503");
    status = 0;
    assert.equal(await machine.reach(url, 50), "does not answer within 0.05 s");
    http.closeAllConnections();
    http.close();
    assert.match(await machine.reach(url, 5_000), /^is not reachable \(ECONNREFUSED\)$/);
  });

  it("gives a command its folder and variables, and keeps the last of what it prints", async () => {
    const { lines } = await run(["node", "-e", "console.log(process.cwd()); console.error(process.env.WORD)"]);
    assert.deepEqual([...lines].sort(), [folder, "word"].sort());
    const many = await run(["node", "-e", "for (let i = 0; i < 100_000; i++) console.log('x'.repeat(30) + i)"]);
    assert.equal(many.lines.length, 100);
    assert.match(many.lines.at(-1) ?? "", /^x+99999$/);
    const long = await run(["node", "-e", "process.stdout.write('x'.repeat(2_000))"]);
    assert.equal(long.lines[0]?.length, 1_001);
  });

  it("says why a command cannot be started, and what ended it", async () => {
    assert.equal((await run(["./none.sh"])).trouble, "it cannot be started (ENOENT)");
    assert.equal(
      (await run(["node", "-e", "process.kill(process.pid, 'SIGKILL')"])).trouble,
      "it was ended by SIGKILL",
    );
  });

  it("ends a command that takes too long, with all that it started", async () => {
    const script = `
      process.on("SIGTERM", () => {});
      const { pid } = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      console.log(pid);
      setInterval(() => {}, 1000);`;
    const { trouble, lines } = await run(["node", "-e", script], 500);
    assert.equal(trouble, "it took longer than 0.5 s");
    await waitUntil(() => !isAlive(Number(lines[0])));
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
