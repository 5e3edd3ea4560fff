import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createSystemClock } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { openEmptyDatabase } from "../conformance/test-registry.ts";
import { createRegistry } from "../create-registry.ts";
import type { Registry } from "../registry.ts";
import type { Database } from "../store/database.ts";
import { openManagedPostgres } from "../store/system-managed-postgres.ts";
import { openKeyRing } from "../system-key-ring.ts";
import { openKeyFile } from "../system-secret-box.ts";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { SAFE } from "../testing/fill-registry.ts";
import { OPERATOR } from "../testing/registry-case.ts";
import { rotateSecrets } from "./rotate-secrets.ts";

const folder = mkdtempSync(join(tmpdir(), "orrery-rotate-"));
chmodSync(folder, 0o711); // PostgreSQL runs as another user where this runs as root.
after(() => rmSync(folder, { recursive: true }));
const SAFES = 40;
const operators = ["operator"];
const clock = createSystemClock();
const open = (database: Database, keys: ReturnType<typeof openKeyRing>) =>
  createRegistry({ database, secrets: keys, clock, random: createSeededRandom(4), kinds: [SAFE] });

async function fill(registry: Registry): Promise<void> {
  await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
  const make = (n: number) => ({ address: `demo.test:s${n}`, kind: "Safe", properties: { word: `w${n}` } });
  await Promise.all(Array.from({ length: SAFES }, (_, n) => registry.create(make(n), OPERATOR)));
}

const reveal = (registry: Registry, n: number) =>
  registry.reveal({ address: `demo.test:s${n}`, property: "word" }, OPERATOR);

describe("rotateSecrets", () => {
  it("leaves one key in a file of mode 0600, by which all opens that was closed before, meanwhile and after", async () => {
    const path = join(folder, "busy.key");
    const keys = openKeyRing(path);
    const database = await openEmptyDatabase();
    const registry = await open(database, keys);
    await fill(registry);
    await expectRefusal(
      rotateSecrets({ registry, keys, operators }, { agent: "ann" }),
      "permission_denied",
      'Cannot rotate secrets as "ann": only operators may',
    );
    const last = Array.from({ length: SAFES }, (_, n) => `w${n}`);
    let isOver = false;
    const write = async (lane: number) => {
      for (let round = 0; !isOver; round++) {
        const n = (round * 4 + lane) % SAFES;
        const word = `w${n}-${round}`;
        await registry.change({ address: `demo.test:s${n}`, properties: { word } }, OPERATOR);
        last[n] = word;
        await new Promise(setImmediate);
      }
    };
    const writing = Promise.all([0, 1, 2, 3].map(write));
    const seen = new Set<string>();
    for (let turn = 0; turn < 5; turn++) {
      seen.add((await rotateSecrets({ registry, keys, operators }, OPERATOR)).key);
      assert.equal(openKeyFile(path).length, 1);
    }
    isOver = true;
    await writing;
    assert.deepEqual([seen.size, statSync(path).mode & 0o777], [5, 0o600]);
    await registry[Symbol.asyncDispose]();
    const later = await open(database, openKeyRing(path));
    for (const [n, word] of last.entries()) assert.equal(await reveal(later, n), word);
    await later[Symbol.asyncDispose]();
  });

  it("loses nothing wherever its process is killed, and does all of it when it is asked again", async () => {
    const path = join(folder, "killed.key");
    const server = await openManagedPostgres({ folder: join(folder, "postgres"), clock });
    const first = await open(server, openKeyRing(path));
    await fill(first);
    await first[Symbol.asyncDispose]();
    const program = fileURLToPath(new URL("../testing/rotate-keys.ts", import.meta.url));
    for (const [kill, point] of ["rotated", "1", "7", String(SAFES), "resealed"].entries()) {
      const child = spawn(process.execPath, ["--conditions=source", program, server.url, path, point], {
        stdio: "inherit",
      });
      const [, signal] = await once(child, "exit");
      assert.deepEqual([signal, openKeyFile(path).length], ["SIGKILL", kill + 2], `killed at ${point}`);
      const registry = await open(server, openKeyRing(path));
      for (let n = 0; n < SAFES; n++) assert.equal(await reveal(registry, n), `w${n}`, `killed at ${point}`);
      await registry[Symbol.asyncDispose]();
    }
    const keys = openKeyRing(path);
    const registry = await open(server, keys);
    const { key } = await rotateSecrets({ registry, keys, operators }, OPERATOR);
    assert.deepEqual(
      readFileSync(path, "utf8")
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split(" ")[0]),
      [key],
    );
    for (let n = 0; n < SAFES; n++) assert.equal(await reveal(registry, n), `w${n}`);
    await registry[Symbol.asyncDispose]();
    await server.close();
  });
});
