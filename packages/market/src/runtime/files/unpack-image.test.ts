import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Header, type HeaderData } from "tar";
import type { Image } from "../../image/image.ts";
import { mountPointIn, placeInRoot } from "./place-in-root.ts";
import { unpackImage } from "./unpack-image.ts";

/** An entry of a layer; with text it is a file. */
type Entry = Pick<HeaderData, "path" | "type" | "linkpath" | "mode"> & { readonly text?: string };

function tarOf(entries: readonly Entry[]): Uint8Array {
  const pieces = entries.flatMap(({ text = "", ...entry }) => {
    const content = Buffer.from(text);
    const header = new Header({ mode: 0o644, uid: 5, gid: 6, type: "File", ...entry, size: content.length });
    header.encode();
    return [header.block ?? Buffer.alloc(0), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...pieces, Buffer.alloc(1_024)]);
}

async function unpacked(
  layers: readonly (readonly Entry[])[],
  look: (root: string, outside: string) => unknown,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-unpack-"));
  const image: Image = {
    digest: "",
    config: { command: [], workingDir: "/", env: {}, user: "", base: "none" },
    layers: layers.map((entries) => ({ digest: "", tar: () => tarOf(entries) })),
  };
  try {
    mkdirSync(join(folder, "outside"));
    await unpackImage(image, { into: join(folder, "root"), ownerOf: () => undefined });
    await look(join(folder, "root"), join(folder, "outside"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("unpackImage", () => {
  it("lays layers over one another: files, modes, links, and what one takes away", async () => {
    await unpacked(
      [
        [
          { path: "usr/lib/", type: "Directory", mode: 0o755 },
          { path: "lib", type: "SymbolicLink", linkpath: "usr/lib" },
          { path: "usr/lib/a", text: "one", mode: 0o4755 },
          { path: "usr/gone", text: "x" },
          { path: "old/a", text: "x" },
          { path: "old/b", text: "x" },
        ],
        [
          { path: "lib/b", text: "two" },
          { path: "usr/c", type: "Link", linkpath: "usr/lib/a" },
          { path: "usr/.wh.gone" },
          { path: "old/new", text: "new" },
          { path: "old/.wh..wh..opq" },
          { path: "shut/", type: "Directory", mode: 0o500 },
          { path: "shut/in", text: "in" },
          { path: "dev/null", type: "CharacterDevice" },
        ],
      ],
      (root) => {
        assert.equal(readFileSync(join(root, "usr/lib/b"), "utf8"), "two");
        assert.equal(readlinkSync(join(root, "lib")), "usr/lib");
        assert.equal(lstatSync(join(root, "usr/c")).ino, lstatSync(join(root, "usr/lib/a")).ino);
        assert.equal((lstatSync(join(root, "usr/lib/a")).mode & 0o7777).toString(8), "755");
        assert.equal((lstatSync(join(root, "shut")).mode & 0o7777).toString(8), "500");
        const there = ["usr/gone", "old/a", "old/b", "old/new", "dev/null"].map((path) => existsSync(join(root, path)));
        assert.deepEqual(there, [false, false, false, true, false]);
      },
    );
  });

  const tricks: readonly [string, readonly Entry[]][] = [
    ["a path that goes up", [{ path: "../outside/x", text: "x" }]],
    ["a whole path", [{ path: "/../../outside/x", text: "x" }]],
    [
      "a link that leads out, and a file through it",
      [
        { path: "a", type: "SymbolicLink", linkpath: "../outside" },
        { path: "a/x", text: "x" },
      ],
    ],
    [
      "a whole link that leads out",
      [
        { path: "a", type: "SymbolicLink", linkpath: "/tmp" },
        { path: "a/orrery-trick", text: "x" },
      ],
    ],
    [
      "a link with the name of a file",
      [
        { path: "x", type: "SymbolicLink", linkpath: "../outside/x" },
        { path: "x", text: "x" },
      ],
    ],
    [
      "what is taken away beside it",
      [{ path: "a", type: "SymbolicLink", linkpath: "../outside" }, { path: "a/.wh.kept" }],
    ],
  ];
  for (const [what, entries] of tricks)
    it(`writes nothing outside by ${what}`, async () => {
      await unpacked([entries], (_root, outside) => {
        assert.deepEqual([existsSync(join(outside, "x")), existsSync("/tmp/orrery-trick")], [false, false]);
      });
    });

  const refused: readonly [string, readonly Entry[], string][] = [
    [
      "links in a circle",
      [
        { path: "a", type: "SymbolicLink", linkpath: "b" },
        { path: "b", type: "SymbolicLink", linkpath: "a" },
        { path: "a/x", text: "x" },
      ],
      "invalid_argument",
    ],
    [
      "a hard link to a file outside",
      [{ path: "x", type: "Link", linkpath: "../../../../../../etc/passwd" }],
      "data_loss",
    ],
    [
      "a path through a file",
      [
        { path: "a", text: "x" },
        { path: "a/x", text: "x" },
      ],
      "invalid_argument",
    ],
    ["a path that names nothing", [{ path: "a/..", text: "x" }], "invalid_argument"],
  ];
  for (const [what, entries, code] of refused)
    it(`refuses ${what}`, async () => {
      await assert.rejects(
        unpacked([entries], () => {}),
        { code },
      );
    });
});

describe("mountPointIn", () => {
  it("makes folders and files over what an image has, by links only within it, and refuses what is something else", async () => {
    const root = mkdtempSync(join(tmpdir(), "orrery-mount-"));
    try {
      mkdirSync(join(root, "run"));
      mkdirSync(join(root, "var"));
      symlinkSync("/run", join(root, "var/run"));
      symlinkSync("/etc/passwd", join(root, "run/token"));
      writeFileSync(join(root, "file"), "");
      assert.equal(await mountPointIn(root, "/var/run/deep/data", "folder"), "/run/deep/data");
      assert.equal(await mountPointIn(root, "/var/run", "folder"), "/run");
      assert.equal(await mountPointIn(root, "/run/token", "file"), "/run/token");
      assert.equal(lstatSync(join(root, "run/token")).isFile(), true);
      await assert.rejects(mountPointIn(root, "/file", "folder"), {
        code: "invalid_argument",
        message: /something else there than a folder/,
      });
      await assert.rejects(mountPointIn(root, "/", "folder"), { code: "invalid_argument" });
      assert.equal((await placeInRoot(root, "/../../a")).within, "/a");
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
