import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { createTableDirectory } from "@orrery/core";
import { findProject, readRunFiles, writeRunFile } from "./run-file.ts";

const root = mkdtempSync(join(tmpdir(), "orrery-run-"));
after(() => rmSync(root, { recursive: true }));
let project = "";
beforeEach(() => {
  project = mkdtempSync(join(root, "project-"));
});

const DIRECTORY = createTableDirectory({ weather: ["tcp://127.0.0.1:7101"] });
/** No process of Linux has it: one above the largest. */
const NOBODY = 4_194_305;

describe("writeRunFile", () => {
  it("writes what readRunFiles reads, for the user alone, and takes it away again", () => {
    const run = writeRunFile(project, DIRECTORY);
    assert.equal(statSync(run.file).mode & 0o777, 0o600);
    const [found] = readRunFiles(project);
    assert.equal(found?.pid, process.pid);
    assert.deepEqual(found?.directory.resolve("weather"), ["tcp://127.0.0.1:7101"]);
    run.remove();
    assert.equal(existsSync(join(project, ".orrery")), false);
  });

  it("tells what has changed", () => {
    const run = writeRunFile(project, DIRECTORY);
    run.update(createTableDirectory({ stations: ["tcp://127.0.0.1:7102"] }));
    assert.deepEqual(readRunFiles(project)[0]?.directory.components(), ["stations"]);
  });

  it("takes away what a killed process has left", () => {
    const stale = join(project, ".orrery", "run", `${NOBODY}.directory`);
    mkdirSync(join(project, ".orrery", "run"), { recursive: true });
    writeFileSync(stale, "");
    writeRunFile(project, DIRECTORY);
    assert.equal(existsSync(stale), false);
  });

  it("leaves what others keep in its folder", () => {
    const run = writeRunFile(project, DIRECTORY);
    writeFileSync(join(project, ".orrery", "notes"), "");
    run.remove();
    assert.equal(existsSync(join(project, ".orrery", "notes")), true);
  });
});

describe("readRunFiles", () => {
  it("finds the application of a folder around", () => {
    writeRunFile(project, DIRECTORY);
    mkdirSync(join(project, "deep", "down"), { recursive: true });
    assert.equal(readRunFiles(join(project, "deep", "down")).length, 1);
  });

  it("names the key file of an application that encrypts, and none of others", () => {
    const file = writeRunFile(project, DIRECTORY, { keys: "/etc/shop/alpha.key" });
    assert.equal(readRunFiles(project)[0]?.keys, "/etc/shop/alpha.key");
    file.update(DIRECTORY);
    assert.equal(readRunFiles(project)[0]?.keys, "/etc/shop/alpha.key");
    writeRunFile(project, DIRECTORY);
    assert.equal(readRunFiles(project)[0]?.keys, undefined);
  });

  it("passes over a file whose process is gone, one that is broken, and others", () => {
    writeRunFile(project, DIRECTORY);
    const folder = join(project, ".orrery", "run");
    writeFileSync(join(folder, `${NOBODY}.directory`), "weather tcp://127.0.0.1:1");
    writeFileSync(join(folder, `${process.ppid}.directory`), "no directory at all");
    writeFileSync(join(folder, "notes.directory"), "weather tcp://127.0.0.1:1");
    assert.deepEqual(
      readRunFiles(project).map(({ pid }) => pid),
      [process.pid],
    );
  });
});

describe("findProject", () => {
  it("is the nearest folder with a package.json", () => {
    writeFileSync(join(project, "package.json"), "{}");
    mkdirSync(join(project, "src"));
    assert.equal(findProject(join(project, "src")), project);
  });

  it("is the folder itself where there is no project", () => {
    assert.equal(findProject(project), project);
  });
});
