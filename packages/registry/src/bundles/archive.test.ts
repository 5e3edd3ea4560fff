import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createReadStream, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isOrreryError } from "@orrery/core";
import { createSeededRandom } from "@orrery/core/conformance";
import { expectRefusal } from "../testing/expect-refusal.ts";
import { changeTar, gather, listArchive, makeArchive } from "../testing/make-archive.ts";
import { makeFolder, type TestFolder } from "../testing/make-folder.ts";
import { REFUSED_ARCHIVES } from "../testing/refused-archives.ts";
import { BUNDLE_DEPTH_MAX, BUNDLE_ENTRIES_MAX, BUNDLE_PATH_BYTES_MAX } from "./limits.ts";
import { parseManifest, sealManifest } from "./manifest.ts";
import { readFolder } from "./read-folder.ts";
import { writeArchive } from "./write-archive.ts";

const LONG = `${"long/".repeat(20)}${"n".repeat(200)}.txt`;

async function pack({ path }: TestFolder): Promise<Buffer> {
  const manifest = await readFolder(path);
  return gather(writeArchive(manifest, { read: (file) => createReadStream(join(path, file.path)) }));
}

describe("writeArchive", () => {
  it("gives the same bytes for the same files, whatever their order, times, owners' rights and others' modes", async () => {
    const random = createSeededRandom(5);
    const names = ["a.txt", "b/c.txt", "b/d/e.bin", "b/ä.txt", "run.sh", LONG, "z".repeat(255), "empty"];
    const contents = names.map((_, index) =>
      index === 7 ? new Uint8Array() : random.bytes(1 + random.integer(3_000)),
    );
    const seen = new Set<string>();
    for (let round = 0; round < 20; round++) {
      using folder = makeFolder();
      const order = names
        .map((name, index) => ({ name, index, place: random.next() }))
        .sort((a, b) => a.place - b.place);
      for (const { name, index } of order) {
        const mode = (name === "run.sh" ? 0o700 : 0o600) | (random.integer(2) * 0o044) | (random.integer(2) * 0o022);
        folder.write(name, contents[index] ?? "", { mode, at: random.integer(2 ** 31) });
      }
      const manifest = await readFolder(folder.path);
      seen.add(`${manifest.digest} ${(await pack(folder)).toString("base64")}`);
    }
    assert.equal(seen.size, 1);
  });

  it("gives other bytes and another digest when one file has another name, content or right to be executed", async () => {
    const digests = [];
    for (const [name, content, mode] of [
      ["a", "1", 0o644],
      ["b", "1", 0o644],
      ["a", "2", 0o644],
      ["a", "1", 0o755],
    ] as const) {
      using folder = makeFolder();
      folder.write(name, content, { mode });
      digests.push((await readFolder(folder.path)).digest, (await pack(folder)).toString("base64"));
    }
    assert.equal(new Set(digests).size, 8);
  });

  it("is read back file by file, by readArchive and by tar", async () => {
    using folder = makeFolder({ "b/c.txt": "c", [LONG]: "long", "ä.txt": "ä" });
    folder.write("run.sh", "#!/bin/sh\n", { mode: 0o755 });
    const archive = await pack(folder);
    const manifest = await readFolder(folder.path);
    assert.deepEqual(
      await listArchive(archive),
      manifest.files.map(({ path, bytes, executable, digest }) => `${path} ${bytes} ${executable} ${digest}`),
    );
    writeFileSync(join(folder.path, "x.tgz"), archive);
    const listed = execFileSync("tar", ["-tzf", join(folder.path, "x.tgz"), "--quoting-style=literal"], {
      encoding: "utf8",
    });
    assert.deepEqual(
      listed.trim().split("\n"),
      manifest.files.map(({ path }) => path.slice(1)),
    );
  });

  it("fails where a file became shorter or longer meanwhile", async () => {
    using folder = makeFolder({ a: "12345" });
    const manifest = await readFolder(folder.path);
    for (const content of ["1234", "123456"]) {
      folder.write("a", content);
      const packing = gather(
        writeArchive(manifest, { read: (file) => createReadStream(join(folder.path, file.path)) }),
      );
      await expectRefusal(packing, "aborted", 'Cannot pack "a": it was changed meanwhile');
    }
  });
});

describe("readFolder", () => {
  it("leaves out .git, .orrery and empty directories", async () => {
    const taken = { a: "1", "b/c": "1", ".gitignore": "x" };
    const leftOut = { ".git/config": "secret", "b/.git/x": "1", ".orrery/state/count/state-0000000001": "1" };
    using folder = makeFolder({ ...taken, ...leftOut });
    const { files } = await readFolder(folder.path);
    assert.deepEqual(
      files.map(({ path }) => path),
      ["/.gitignore", "/a", "/b/c"],
    );
  });

  const refused: readonly (readonly [string, (folder: TestFolder) => unknown, string])[] = [
    [
      "a symbolic link",
      ({ path }) => symlinkSync("/etc/passwd", join(path, "l")),
      'Cannot take "l" into a bundle: it is a symbolic link',
    ],
    ["a link to a directory", ({ path }) => symlinkSync("/etc", join(path, "l")), "it is a symbolic link"],
    ["a pipe", ({ path }) => execFileSync("mkfifo", [join(path, "p")]), "it is a pipe"],
    ["capitals", ({ write }) => ["a/x", "A/y"].map((name) => write(name, "1")), "differs from it by capitals alone"],
    ["a backslash", ({ write }) => write("a\\b", "1"), "means another file elsewhere"],
    ["a control character", ({ write }) => write("a\nb", "1"), "control characters are not allowed"],
    [
      "a name that is not UTF-8",
      ({ path }) => writeFileSync(Buffer.from([...Buffer.from(`${path}/x`), 0xff]), "1"),
      "its name is not UTF-8",
    ],
    ["depth", ({ write }) => write(`${"d/".repeat(BUNDLE_DEPTH_MAX)}x`, "1"), `up to ${BUNDLE_DEPTH_MAX} names`],
    ["nothing", () => {}, "it has no files, put some there"],
  ];
  for (const [what, make, why] of refused)
    it(`refuses ${what}`, async () => {
      using folder = makeFolder();
      make(folder);
      await expectRefusal(readFolder(folder.path), "invalid_argument", why);
    });

  it("refuses a folder that is not there", async () => {
    await expectRefusal(readFolder("/no/such"), "invalid_argument", 'Cannot make a bundle of "/no/such": ENOENT');
  });
});

describe("readArchive", () => {
  for (const [what, entries, why] of REFUSED_ARCHIVES)
    it(`refuses ${what}`, async () => {
      await expectRefusal(listArchive(makeArchive(entries)), "invalid_argument", why);
    });

  const good = makeArchive([
    { path: "a", content: "one" },
    { path: "b", content: "two" },
  ]);
  const broken: readonly (readonly [string, Buffer, string])[] = [
    ["nothing", Buffer.alloc(0), "Cannot read the archive"],
    ["what is no archive", Buffer.from("hello"), "incorrect header check"],
    ["half of one", good.subarray(0, good.length / 2), "Cannot read the archive"],
    [
      "a wrong sum",
      changeTar(good, (tar) => Buffer.concat([Buffer.from("b"), tar.subarray(1)])),
      "the sum of a header is wrong",
    ],
    ["no end", changeTar(good, (tar) => tar.subarray(0, 2048)), "it ends too early"],
    ["an end within a file", changeTar(good, (tar) => tar.subarray(0, 513)), "it ends within a file"],
    ["something behind its end", changeTar(good, (tar) => Buffer.concat([tar, tar])), "something follows its end"],
  ];
  for (const [what, archive, why] of broken)
    it(`refuses ${what}`, async () => {
      await expectRefusal(listArchive(archive), "data_loss", why);
    });

  it("takes as many files as a bundle may have, and not one more", async () => {
    const entries = Array.from({ length: BUNDLE_ENTRIES_MAX }, (_, n) => ({ path: `f${n}` }));
    assert.equal((await listArchive(makeArchive(entries))).length, BUNDLE_ENTRIES_MAX);
    await expectRefusal(
      listArchive(makeArchive([...entries, { path: "more" }])),
      "invalid_argument",
      "up to 10000 files",
    );
  });

  it("believes no length that it cannot hold", async () => {
    const bomb = changeTar(good, (tar) => {
      tar.write("77777777777", 124);
      let sum = 8 * 32;
      for (const [at, byte] of tar.subarray(0, 512).entries()) if (at < 148 || at > 155) sum += byte;
      tar.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
      return tar;
    });
    await expectRefusal(listArchive(bomb), "invalid_argument", "unpacked, a bundle has up to");
  });

  it("refuses or reads the same, whichever bytes are flipped", async () => {
    const random = createSeededRandom(11);
    const tar = makeArchive([
      { path: "a/b.txt", content: "x".repeat(700) },
      { path: "c", content: "y", mode: 0o755 },
    ]);
    const right = (await listArchive(tar)).join();
    let refused = 0;
    for (let round = 0; round < 3_000; round++) {
      const flip = (bytes: Buffer) => {
        const changed = Buffer.from(bytes);
        for (let flips = 1 + random.integer(3); flips > 0; flips--) {
          const at = random.integer(changed.length);
          changed[at] = (changed[at] ?? 0) ^ (1 << random.integer(8));
        }
        return changed;
      };
      const isInside = round % 2 === 1;
      const listing = listArchive(isInside ? changeTar(tar, flip) : flip(tar));
      const end = await listing.then(
        (listed) => listed.join(),
        (error: unknown) => error,
      );
      if (typeof end !== "string") {
        if (!isOrreryError(end)) throw end;
        refused++;
      } else if (!isInside) assert.equal(end, right, `round ${round}`);
    }
    assert.ok(refused > 1_000, `${refused} of 3,000 were refused`);
  });
});

describe("parseManifest", () => {
  const file = {
    path: "/a",
    digest: `sha256:${"0".repeat(64)}`,
    bytes: 1,
    contentType: "text/plain",
    executable: false,
  };
  it("reads what sealManifest wrote", () => {
    const sealed = sealManifest([{ ...file, path: "/b" }, file]);
    assert.deepEqual(parseManifest(sealed.text), sealed);
  });

  const refused: readonly (readonly [string, string, string])[] = [
    ["no JSON", "{", "it is no JSON"],
    ["another format", '{"format":"x","files":[]}', 'it does not say "orrery.bundle.v1"'],
    ["null", "null", "it does not say"],
    ["no files", '{"format":"orrery.bundle.v1","files":[]}', "it has no files"],
    ["a file that is none", '{"format":"orrery.bundle.v1","files":[1]}', "1 is no file"],
    ["another form", `${sealManifest([file]).text} `, "it is not in its one form"],
    ["another digest", sealManifest([file]).text.replace("sha256:0", "sha256:g"), "is no file"],
    [
      "a media type that is none",
      sealManifest([file]).text.replace("text/plain", "text/plain\\r\\nx: y"),
      "is no file",
    ],
    ["a way out", sealManifest([file]).text.replace('"/a"', '"/../a"'), '".." is not allowed'],
    ["a length below nothing", sealManifest([file]).text.replace('"bytes":1', '"bytes":-1'), "is no file"],
  ];
  for (const [what, text, why] of refused)
    it(`refuses ${what}`, async () => {
      await expectRefusal((async () => parseManifest(text))(), "invalid_argument", why);
    });

  it("takes the longest path, and none that is one byte longer", async () => {
    const path = `${`/${"x".repeat(199)}`.repeat(3)}/${"y".repeat(BUNDLE_PATH_BYTES_MAX - 601)}`;
    assert.equal(sealManifest([{ ...file, path }]).files.length, 1);
    await expectRefusal(
      (async () => sealManifest([{ ...file, path: `${path}y` }]))(),
      "invalid_argument",
      "up to 700 bytes",
    );
  });
});
