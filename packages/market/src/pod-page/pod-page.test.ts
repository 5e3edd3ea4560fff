import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { OrreryError } from "@orrery/core";
import { chart } from "./chart.ts";
import { TASKS_KEPT_MAX, TASKS_LARGE_MAX, TASKS_RUNNING_MAX } from "./limits.ts";
import { openPodFiles } from "./pod-files.ts";
import { createTasks } from "./tasks.ts";

const POD = "name: hello\ncontainers: { web: { image: ./web } }\n";

describe("openPodFiles", () => {
  const folder = mkdtempSync(join(tmpdir(), "orrery-files-"));
  after(() => rmSync(folder, { recursive: true }));
  const files = openPodFiles(folder);

  it("lists pod files and compose files, each for what it is, and follows no link out of its folder", async () => {
    writeFileSync(join(folder, "b.yaml"), POD, { mode: 0o640 });
    writeFileSync(join(folder, "a.yml"), POD.replace("image", "imgae"));
    writeFileSync(join(folder, "compose.yaml"), "services: { web: { image: x } }\n");
    writeFileSync(join(folder, "other.yaml"), "kind: other\n");
    writeFileSync(join(folder, "note.txt"), POD);
    symlinkSync("/etc/hosts", join(folder, "link.yaml"));
    const all = await files.list();
    assert.deepEqual(
      all.map((one) => [one.file, one.kind, one.kind === "pod" ? one.check.kind : ""]),
      [
        ["a.yml", "pod", "bad"],
        ["b.yaml", "pod", "good"],
        ["compose.yaml", "compose", ""],
      ],
    );
    await assert.rejects(files.read("link.yaml"), { code: "not_found" });
  });

  for (const file of ["../b.yaml", "sub/b.yaml", "b.txt", ".hidden.yaml", "", "a\0.yaml", `${"x".repeat(120)}.yaml`])
    it(`reads and writes nothing at "${file.slice(0, 20)}"`, async () => {
      await assert.rejects(files.read(file), { code: "invalid_argument" });
      await assert.rejects(files.create(file, POD), { code: "invalid_argument" });
    });

  it("saves over what it read alone, and keeps the file's mode", async () => {
    const { digest } = await files.read("b.yaml");
    await files.save("b.yaml", { text: `# 1\n${POD}`, was: digest });
    await assert.rejects(files.save("b.yaml", { text: `# 2\n${POD}`, was: digest }), { code: "aborted" });
    assert.equal(readFileSync(join(folder, "b.yaml"), "utf8"), `# 1\n${POD}`);
    assert.equal(statSync(join(folder, "b.yaml")).mode & 0o777, 0o640);
    await assert.rejects(files.create("b.yaml", POD), { code: "already_exists" });
    const was = (await files.read("b.yaml")).digest;
    await assert.rejects(files.save("b.yaml", { text: "#".repeat(300_000), was }), { code: "out_of_range" });
  });
});

describe("createTasks", () => {
  const wish = (work: () => Promise<string>, isAct = true) => ({ title: "a task", back: "/", isAct, work });

  it("does acts one after another, whatever becomes of the one before, and others beside them", async () => {
    const tasks = createTasks<string>();
    const [first, order] = [Promise.withResolvers<string>(), [] as string[]];
    const failed = tasks.start(wish(() => first.promise));
    tasks.start(wish(async () => String(order.push("second"))));
    const beside = tasks.start(wish(async () => String(order.push("beside")), false));
    while (beside.state.kind === "going") await null;
    assert.deepEqual(order, ["beside"]);
    first.reject(new OrreryError("unavailable", "lost", { kind: "timeout", definite: false }));
    await tasks.settled();
    assert.deepEqual(order, ["beside", "second"]);
    assert.deepEqual(failed.state, { kind: "failed", why: "lost", isDefinite: false });
  });

  it("begins what an outcome leads to once, however often it is asked for", async () => {
    const tasks = createTasks<string>();
    const quote = tasks.start(wish(async () => "a price", false));
    await tasks.settled();
    let paid = 0;
    const pay = () =>
      tasks.goOn(
        quote,
        wish(async () => String(++paid)),
      );
    assert.equal(pay().id, pay().id);
    await tasks.settled();
    pay();
    await tasks.settled();
    assert.equal(paid, 1);
    assert.equal(tasks.find(quote.id)?.next, "2");
  });

  it("keeps few outcomes that hold much, the newest", async () => {
    const tasks = createTasks<string>((outcome) => outcome === "image");
    for (let n = 0; n <= TASKS_LARGE_MAX; n++) tasks.start(wish(async () => "image"));
    const small = tasks.start(wish(async () => "said"));
    await tasks.settled();
    assert.deepEqual(
      [tasks.find("1"), tasks.find("2")?.state.kind, tasks.find(small.id)?.state.kind],
      [undefined, "done", "done"],
    );
  });

  it("takes so many at once, and keeps so many", async () => {
    const tasks = createTasks<string>();
    const gate = Promise.withResolvers<string>();
    for (let n = 0; n < TASKS_RUNNING_MAX; n++) tasks.start(wish(() => gate.promise, false));
    assert.throws(() => tasks.start(wish(async () => "more")), { code: "resource_exhausted" });
    gate.resolve("done");
    await tasks.settled();
    for (let n = 0; n < TASKS_KEPT_MAX; n++) {
      tasks.start(wish(async () => "done"));
      await tasks.settled();
    }
    assert.equal(tasks.find("1"), undefined);
    assert.equal(tasks.find(String(TASKS_RUNNING_MAX + TASKS_KEPT_MAX))?.state.kind, "done");
  });
});

describe("chart", () => {
  const drawn = (values: readonly number[]) => chart({ name: "<b>", values, say: (value) => `${value} m` }).html;

  it("draws from 0 to the most, says both in words, and reads no name as HTML", () => {
    const text = drawn([0, 50, 100]);
    assert.match(text, /<polyline points="0\.0,46\.0 120\.0,24\.0 240\.0,2\.0"\/>/);
    assert.match(text, /aria-label="&#60;b&#62;: 100 m now, 100 m at most"/);
    assert.doesNotMatch(text, /<b>:|<h3><b>/);
  });

  it("draws a single value as a line, and none as nothing", () => {
    assert.match(drawn([7]), /points="0\.0,2\.0 240,2\.0"/);
    assert.match(drawn([]), /Nothing yet/);
    assert.match(drawn([0, 0]), /points="0\.0,46\.0 240\.0,46\.0"/);
  });
});
