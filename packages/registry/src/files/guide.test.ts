import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const PORT = "7301";

async function freePort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return String(port);
}

function start(folder: string, file: string) {
  return spawn(process.execPath, ["--conditions=source", file], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
}

test("the guide to files: its server serves, and its client prints what the page says", async () => {
  const folder = await mkdtemp(join(tmpdir(), "orrery-guide-"));
  const page = (await readFile(join(ROOT, "docs/guide/files.md"), "utf8")).replaceAll(PORT, await freePort());
  for (const [, name = "", code = ""] of page.matchAll(/```ts\n\/\/ file: (\S+)\n(.*?)```/gs))
    await writeFile(join(folder, name), code);
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const server = start(folder, "files-node.ts");
  try {
    const [line] = await once(createInterface({ input: server.stdout }), "line");
    assert.match(String(line), /^files are served at tcp:/);
    const client = start(folder, "copy.ts");
    const printed = (await client.stdout.toArray()).join("");
    assert.equal(printed, /It prints:\n\n```text\n(.*?)```/s.exec(page)?.[1]);
    assert.equal(await readFile(join(folder, "b.txt"), "utf8"), "hello\n");
    assert.ok((await stat(join(folder, "blobs/blobs"))).isDirectory());
  } finally {
    server.kill("SIGKILL");
    await once(server, "exit");
    await rm(folder, { recursive: true });
  }
});
