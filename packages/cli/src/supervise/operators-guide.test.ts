import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { installPackages, makeHostProject } from "../testing/host-folder.ts";
import { killHost, orrery, startEvents } from "../testing/orrery.ts";

const GUIDE = new URL("../../../../docs/guide/operators.md", import.meta.url);

/** Commands of a section of the guide, without what they say behind `#`. */
function commandsOf(title: string): readonly (readonly string[])[] {
  const [, section = ""] = readFileSync(GUIDE, "utf8").split(`## ${title}\n`);
  const [, block = ""] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
  return block
    .split("\n")
    .map((line) => line.replace(/\s*#.*$/, ""))
    .filter(Boolean)
    .map((line) => line.split(" "));
}

it("orrery does what the guide for operators says, from a bare folder on", async (t) => {
  using project = makeHostProject();
  const [create, install, supervise] = commandsOf("Begin");
  const { cwd } = project;
  assert.equal((await orrery(create?.slice(1) ?? [], { cwd })).exit, 0);
  assert.deepEqual(install, ["npm", "install", "--prefix", "shop"]);
  installPackages(join(cwd, "shop"));
  const host = startEvents(supervise?.slice(1) ?? [], { cwd });
  t.after(() => killHost(host));
  await host.next("supervising");
  await host.next("ready");
  const found = [...commandsOf("Look"), ...commandsOf("Change"), ...commandsOf("Close")];
  assert.ok(found.length >= 12);
  for (const [name, ...words] of found) {
    assert.equal(name, "orrery");
    const { exit, out, err } = await orrery(words, { cwd });
    assert.equal(exit, 0, `orrery ${words.join(" ")}: ${err}`);
    t.diagnostic(`orrery ${words.join(" ")}\n${out}`);
  }
});
