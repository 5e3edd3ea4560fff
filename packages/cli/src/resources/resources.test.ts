import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp();
});
after(() => up[Symbol.asyncDispose]());

describe("orrery create, ls, get, set and rm", () => {
  it("create spaces and what lies in them, and list it as address<Kind>", async () => {
    assert.match(await up.done("create 'demo.test<Space>'"), /^Created demo.test at revision \d+\n$/);
    await up.done(`create 'demo.test:files<FileSystem>{ +title="Fi, les" }' --label team=blue`);
    await up.done("create demo.test:docs --kind=Base --set title=Docs");
    const inside = "demo.test:docs<Base>\ndemo.test:files<FileSystem>\n";
    assert.equal(await up.done("ls 'demo.test:**'"), `demo.test<Space>\n${inside}`);
    assert.equal(await up.done("ls 'demo.test:*'"), inside);
    const all = await up.done("ls '**'");
    assert.ok(all.startsWith(`demo.test<Space>\n${inside}orrery<Space>\n`), all);
    assert.equal(await up.done("ls 'demo.test:**<Space>'"), "demo.test<Space>\n");
    assert.equal(await up.done("ls"), "demo.test<Space>\norrery<Space>\n");
    assert.equal(await up.done("ls demo.test"), inside);
    assert.equal(await up.done("ls 'demo.test:**<Base>'"), "demo.test:docs<Base>\n");
    assert.match(
      await up.done("ls demo.test --long"),
      /^KIND +STATUS +OWNER +REVISION +ADDRESS\nBase +Ready +operator +\d+ +/,
    );
    const listed = JSON.parse(await up.done("ls demo.test --output=json")) as { address: string; labels?: object }[];
    assert.deepEqual(
      listed.map(({ address, labels }) => [address, labels]),
      [
        ["demo.test:docs", undefined],
        ["demo.test:files", { team: "blue" }],
      ],
    );
  });

  it("refuse what is there, has no parent or may not lie there, and say what would work", async () => {
    const refused = async (line: string) => {
      const { exit, err } = await up.orrery(line);
      return `${err}[${exit}]`;
    };
    assert.match(await refused("create 'demo.test:files<FileSystem>'"), /is already in use, by a FileSystem .*\[1\]$/s);
    assert.match(await refused("create 'no.test:x<FileSystem>'"), /its parent "no.test" is missing, .*\[4\]$/s);
    assert.match(
      await refused("create 'demo.test:files:x<Space>'"),
      /may not lie in a FileSystem, only at the top .*\[1\]$/s,
    );
    assert.match(await refused("ls 'nope.test:**'"), /there is no such resource .*\[4\]$/s);
  });

  it("create what is there again only as they are told to", async () => {
    assert.match(await up.done("create 'demo.test:docs<Base>' --ensure"), /is so already, nothing was written/);
    await up.done("create 'demo.test:docs<Base>{ +title=Other }' --update");
    assert.equal(await up.done("get 'demo.test:docs{ title }'"), "Other\n");
    const twice = ["create 'demo.test:once<Base>' --request=r1", "create 'demo.test:once<Base>' --request=r1"];
    for (const line of twice) await up.done(line);
  });

  it("set, show and take away properties, in blocks and in flags", async () => {
    await up.done(`set 'demo.test{ +title="Hi" }'`);
    assert.equal(await up.done("get 'demo.test{ title }'"), "Hi\n");
    assert.equal(await up.done("get 'demo.test{ title, status, kind }'"), "title=Hi\nstatus=Ready\nkind=Space\n");
    await up.done("set 'demo.test{ !title }'");
    assert.equal((await up.orrery("get 'demo.test{ title }'")).exit, 4);
    await up.done("set demo.test --set title='\"7\"' --label a=b");
    assert.equal(await up.done("get 'demo.test{ title }'"), "7\n");
    await up.done("set demo.test --unset title --unlabel a");
    assert.deepEqual(JSON.parse(await up.done("get demo.test --output=json")).properties, {});
  });

  it("keep a resource from changing what +@ set, though who may write its parent may", async () => {
    await up.done("exec 'create demo.test:users<UserBase>; create demo.test:users:ann<User>'");
    const ann = "demo.test:users:ann";
    await up.done(`create 'demo.test:fixed<Base>{ +@title=Stays }' --owner=${ann}`);
    const { exit, err } = await up.orrery(`set 'demo.test:fixed{ +title=Mine }' --agent=${ann}`);
    assert.equal(exit, 3);
    assert.match(err, /it is fixed, only who may write "demo.test" may \(SERVER as demo.test:users:ann\)/);
    await up.done("set 'demo.test:fixed{ +title=Ours }'");
    assert.match(await up.done("get demo.test:fixed"), /\+title +"Ours" {2}\(fixed\)/);
  });

  it("write only at the revision that they are told", async () => {
    const revision = (await up.done("get 'demo.test{ revision }'")).trim();
    await up.done(`set 'demo.test{ +title=A }' --if-revision=${revision}`);
    const late = await up.orrery(`set 'demo.test{ +title=B }' --if-revision=${revision}`);
    assert.equal(late.exit, 1);
    assert.match(late.err, /it is at revision \d+, not \d+, read it again/);
  });

  it("remove what is empty, and what is full when they are told", async () => {
    await up.done("create 'gone.test<Space>'");
    await up.done("create 'gone.test:b<Base>'");
    assert.equal((await up.orrery("rm gone.test")).exit, 1);
    assert.match(await up.done("rm gone.test --recursive"), /^Removed gone.test at revision \d+\n$/);
    assert.equal((await up.orrery("get gone.test:b")).exit, 4);
  });

  it("list and remove by other words for it", async () => {
    await up.done("create 'words.test<Space>'");
    await up.done("create 'words.test:b<Base>'");
    assert.equal(await up.done("select 'words.test:**'"), "words.test<Space>\nwords.test:b<Base>\n");
    assert.match(await up.done("exec 'delete words.test:b'"), /^Removed words\.test:b at/);
    await up.done("delete words.test");
  });

  it("tell programs of errors as data", async () => {
    const { exit, err } = await up.orrery("get nope.test --output=json");
    const { error } = JSON.parse(err) as { error: Record<string, unknown> };
    assert.equal(exit, 4);
    assert.deepEqual([error["code"], error["exit"], error["details"]], ["not_found", 4, { address: "nope.test" }]);
  });
});
