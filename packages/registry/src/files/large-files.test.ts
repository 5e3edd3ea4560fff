import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, open, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSystemClock } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { readPieces } from "../blobs/read-pieces.ts";
import { createDigest } from "../blobs/system-digest.ts";
import { FileService } from "../gen/orrery/registry/v1/files_pb.ts";
import { PIECE_BYTES_MAX } from "../limits.ts";
import { openManagedPostgres } from "../store/system-managed-postgres.ts";
import { downloadFile } from "./download-file.ts";
import type { TransferProgress } from "./transfer.ts";
import { uploadFile } from "./upload-file.ts";

const MIB = 1024 * 1024;
const IS_LONG = process.env["ORRERY_LONG"] === "1";
const BYTES = IS_LONG ? 2048 * MIB : 256 * MIB;
const HEAP_MIB = IS_LONG ? 256 : 64;
/** What a server needs for itself, its code and what is under way: far from a whole file, long or not. */
const MEMORY_MIB = IS_LONG ? 768 : 384;
const PROGRAM = fileURLToPath(new URL("../testing/file-server.ts", import.meta.url));

/** Writes a file of which no two pieces are alike; gives its digest. */
async function writeLarge(path: string): Promise<string> {
  const piece = Uint8Array.from({ length: PIECE_BYTES_MAX }, (_, at) => (Math.imul(at, 2_654_435_761) >>> 13) & 0xff);
  const sum = createDigest();
  const file = await open(path, "w");
  for (let at = 0; at < BYTES; at += piece.length) {
    new DataView(piece.buffer).setUint32(0, at / PIECE_BYTES_MAX);
    await file.writeFile(piece);
    sum.update(piece);
  }
  await file.close();
  return sum.text();
}

/** A server in a process of its own, which is killed and started anew where it was. */
async function startServer(url: string, folder: string) {
  let address = "tcp://127.0.0.1:0";
  let child: ChildProcess | undefined;
  let running: Promise<void> = Promise.resolve();
  let memoryMib = 0;
  let lives = 0;
  const start = async () => {
    const words = [`--max-old-space-size=${HEAP_MIB}`, "--conditions=source", PROGRAM, url, folder, address];
    const next = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
    child = next;
    const [line] = await Promise.race([
      once(createInterface({ input: next.stdout }), "line"),
      once(next, "exit").then(([code, signal]) => Promise.reject(new Error(`the server ended by ${code ?? signal}`))),
    ]);
    address = String(line);
    lives++;
  };
  const look = () => {
    const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child?.pid}/status`, "utf8"))?.[1];
    memoryMib = Math.max(memoryMib, Number(peak) / 1024);
    return memoryMib;
  };
  const kill = async () => {
    look();
    child?.kill("SIGKILL");
    if (child?.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  await start();
  return {
    address,
    look,
    kill,
    restart: () => {
      running = kill().then(start);
    },
    settled: () => running,
    lives: () => lives,
  };
}

test(`uploadFile and downloadFile take ${BYTES / MIB} MiB through a server of ${HEAP_MIB} MiB of heap that is killed at half each time`, {
  timeout: 1_200_000,
}, async (context) => {
  const clock = createSystemClock();
  const folder = await mkdtemp(join(tmpdir(), "orrery-large-"));
  await chmod(folder, 0o711); // PostgreSQL runs as another user where this runs as root.
  const database = await openManagedPostgres({ folder: join(folder, "postgres"), clock });
  const server = await startServer(database.url, join(folder, "blobs"));
  const directory = join(folder, "network.txt");

  await writeFile(directory, `${FileService.typeName} ${server.address}\n`);
  const client = await createMeshClient({ directory, agent: "operator" });
  try {
    const digest = await writeLarge(join(folder, "big.bin"));
    const restartAtHalf = () => {
      let isDone = false;
      return ({ done, bytes }: TransferProgress) => {
        if (isDone || done < bytes / 2) return;
        isDone = true;
        server.restart();
      };
    };
    const common = { client, clock, address: "demo.test:files:/d/big.bin" };
    const begun = performance.now();
    const up = await uploadFile({ ...common, from: join(folder, "big.bin"), onProgress: restartAtHalf() });
    await server.settled();
    const middle = performance.now();
    assert.deepEqual(up.content, { digest, bytes: BYTES });
    assert.ok(up.sent - BYTES < 2 * PIECE_BYTES_MAX, `${up.sent - BYTES} bytes were sent again`);
    const down = await downloadFile({ ...common, to: join(folder, "out.bin"), onProgress: restartAtHalf() });
    await server.settled();
    const end = performance.now();
    assert.deepEqual(down.content, { digest, bytes: BYTES });
    assert.ok(down.received - BYTES < 2 * PIECE_BYTES_MAX, `${down.received - BYTES} bytes came again`);
    const sum = createDigest();
    for await (const piece of readPieces(join(folder, "out.bin"), { from: 0, to: BYTES })) sum.update(piece);
    assert.equal(sum.text(), digest);
    assert.deepEqual(await readdir(join(folder, "blobs", "uploads")), []);
    assert.equal(server.lives(), 3);
    assert.ok(server.look() < MEMORY_MIB, `the server took ${server.look()} MiB`);
    const said = `${up.sent - BYTES} and ${down.received - BYTES} bytes again, ${Math.round(server.look())} MiB of memory`;
    context.diagnostic(`up ${Math.round(middle - begun)} ms, down ${Math.round(end - middle)} ms, ${said}`);
  } finally {
    await client.stop();
    await server.settled();
    await server.kill();
    await database.close();
    await rm(folder, { recursive: true });
  }
});
