import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { openPGlite } from "@orrery/registry";
import { type } from "../testing/memory-terminal.ts";
import { openUp } from "../up/open-up.ts";

const cwd = mkdtempSync(join(tmpdir(), "orrery-fsck-"));
after(() => rmSync(cwd, { recursive: true, force: true }));
const data = join(cwd, "data");

/** Does something while a platform runs over the folder. */
async function withUp(run: (typed: (...line: string[]) => ReturnType<typeof type>) => Promise<void>): Promise<void> {
  const up = await openUp({
    ...{ data, database: "pglite", port: 0, httpPort: 0, web: { host: "127.0.0.1", port: 0 }, upstreams: [] },
    log: () => {},
    onProgress: () => {},
  });
  await run((...line) => type(line, { cwd, env: { ORRERY_SERVER: up.address } }));
  await up.close();
}

describe("orrery fsck owners", () => {
  const stopped = ["fsck", "owners", "--data=data", "--database=pglite"];

  it("finds what was planted in a stopped folder, and nothing after it was given to somebody", async () => {
    await withUp(async (typed) => {
      const make = "create demo.test<Space>; create demo.test:users<UserBase>; create demo.test:users:ann<User>";
      await typed("exec", make);
      await typed("create", "demo.test:hers<Base>", "--owner=demo.test:users:ann");
      const { exit, out } = await typed("fsck", "owners");
      assert.deepEqual([exit, out], [0, `0 broken: ${COUNTED}\n`]);
    });
    const { exit, out } = await type(stopped, { cwd });
    assert.deepEqual([exit, out], [0, `0 broken: ${COUNTED}\n`]);
    const database = await openPGlite({ folder: join(data, "pglite") });
    await database.kysely.deleteFrom("resource").where("address", "=", "demo.test:users:ann").execute();
    await database.close();
    const why = 'there is no "demo.test:users:ann"';
    const found = await type(stopped, { cwd });
    assert.equal(found.exit, 1);
    assert.match(
      found.out,
      new RegExp(`^demo.test:hers {2}owner "demo.test:users:ann": ${why}\n1 broken: 8 resources`),
    );
    assert.equal(found.err, "Try: orrery chown AGENT demo.test:hers\n");
    const broken = [{ address: "demo.test:hers", owner: "demo.test:users:ann", why }];
    const asJson = await type([...stopped, "--output=json"], { cwd });
    assert.deepEqual(JSON.parse(asJson.out), { resources: 8, owners: 3, steps: 1, broken: 1, found: broken });
    await withUp(async (typed) => {
      assert.equal((await typed("fsck", "owners")).exit, 1);
      await typed("chown", "operator", "demo.test:hers");
      assert.match((await typed("fsck", "owners")).out, /^0 broken: 8 resources, 2 owners, /);
      const denied = await typed("fsck", "owners", "--agent=ann");
      assert.equal(denied.exit, 3);
      assert.match(denied.err, /only operators may/);
    });
  });
});

const COUNTED = "9 resources, 3 owners, at most 1 step to a User or an operator";
