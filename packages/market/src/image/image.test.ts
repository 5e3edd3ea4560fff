import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { imageOf, readArchive } from "./image-of.ts";
import { packFolder } from "./pack-folder.ts";
import { tarEntries } from "./tar-entries.ts";

async function inFolder(does: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-image-"));
  try {
    await does(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fill(folder: string): void {
  mkdirSync(join(folder, "lib", "x".repeat(180)), { recursive: true });
  writeFileSync(join(folder, "index.js"), "console.log(1)\n");
  writeFileSync(join(folder, "token.txt"), "s3cret");
  writeFileSync(join(folder, "lib", "x".repeat(180), "deep.txt"), "deep");
  writeFileSync(join(folder, "run.sh"), "#!/bin/sh\n");
  chmodSync(join(folder, "run.sh"), 0o700);
  symlinkSync("index.js", join(folder, "link"));
}

describe("packFolder", () => {
  it("gives the same digest for the same files, whenever and with whatever modes they were written, and another for others", () =>
    inFolder((one) =>
      inFolder(async (other) => {
        fill(one);
        fill(other);
        utimesSync(join(other, "index.js"), 1, 1);
        chmodSync(join(other, "lib"), 0o700);
        const packed = await packFolder(one);
        assert.deepEqual(await packFolder(other), packed);
        writeFileSync(join(other, "index.js"), "console.log(2)\n");
        assert.notEqual((await packFolder(other)).digest, packed.digest);
      }),
    ));

  it("has the folder's files at /app, long names and links among them, and leaves out what is named", () =>
    inFolder(async (folder) => {
      fill(folder);
      writeFileSync(join(folder, "image.yaml"), "env: { GREETING: hello }\n");
      const { archive, digest } = await packFolder(folder, { leaveOut: ["./token.txt"] });
      const { config, layers } = readArchive(archive, digest);
      assert.deepEqual(config, {
        command: ["node", "index.js"],
        workingDir: "/app",
        env: { GREETING: "hello" },
        user: "",
        base: "host",
      });
      const entries = [...tarEntries(layers[0]?.tar() ?? new Uint8Array())];
      assert.deepEqual(
        entries.map(({ type, path, mode, target }) => `${type} ${path} ${mode.toString(8)} ${target}`.trim()),
        [
          "Directory app 755",
          "File app/index.js 644",
          "Directory app/lib 755",
          `Directory app/lib/${"x".repeat(180)} 755`,
          `File app/lib/${"x".repeat(180)}/deep.txt 644`,
          "SymbolicLink app/link 755 index.js",
          "File app/run.sh 755",
        ],
      );
    }));

  it("takes a whole file system as it is where its file says so", () =>
    inFolder(async (folder) => {
      fill(folder);
      writeFileSync(join(folder, "image.yaml"), "base: none\ncommand: [/run.sh]\nuser: 1000:1000\n");
      const { config, layers } = imageOf((await packFolder(folder)).archive);
      assert.deepEqual(
        [config.base, config.command, config.workingDir, config.user],
        ["none", ["/run.sh"], "/", "1000:1000"],
      );
      assert.equal([...tarEntries(layers[0]?.tar() ?? new Uint8Array())][0]?.path, "index.js");
    }));

  it("refuses what is no folder, and says where a file that describes it is wrong", () =>
    inFolder(async (folder) => {
      await assert.rejects(packFolder(join(folder, "none")), { code: "not_found" });
      writeFileSync(join(folder, "image.yaml"), "comand: [node]\n");
      await assert.rejects(packFolder(folder), { code: "invalid_argument", message: /image\.yaml:1:1: .*command/ });
    }));
});

describe("readArchive", () => {
  it("refuses an archive of another digest, one with a changed byte anywhere in its blobs, and one that is cut", () =>
    inFolder(async (folder) => {
      fill(folder);
      const { archive, digest } = await packFolder(folder);
      assert.equal(readArchive(archive, digest).digest, digest);
      const other = `sha256:${"0".repeat(64)}`;
      assert.throws(() => readArchive(archive, other), { code: "data_loss", message: new RegExp(other) });
      const marks = [
        "console.log(1)",
        '"architecture"',
        '"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest',
      ];
      for (const mark of marks) {
        const changed = Buffer.from(archive);
        const at = changed.indexOf(mark);
        assert.ok(at > 0, mark);
        changed[at + 1] = (changed[at + 1] ?? 0) ^ 1;
        assert.throws(() => readArchive(changed, digest), { code: "data_loss" }, mark);
      }
      assert.throws(() => imageOf(archive.subarray(0, archive.length - 4_096)), { code: "data_loss" });
      assert.throws(() => imageOf(new Uint8Array(1_024)), { code: "data_loss", message: /no index\.json/ });
    }));
});
