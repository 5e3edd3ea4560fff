import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

const ANN = "demo.test:users:ann";
const BOB = "demo.test:users:bob";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  for (const what of ["demo.test<Space>", "demo.test:files<FileSystem>", "demo.test:roles<Base>"])
    await up.done(`create '${what}'`);
  for (const what of ["demo.test:users<UserBase>", `${ANN}<User>`, `${BOB}<User>`]) await up.done(`create '${what}'`);
});
after(() => up[Symbol.asyncDispose]());

/** The exit code and the first line of an answer: 0 and yes, 3 and no. */
async function can(agent: string, verb: string, address: string): Promise<string> {
  const { exit, out } = await up.orrery(`auth can ${agent} ${verb} ${address}`);
  return `${exit} ${out.trim()}`;
}

describe("roles, by the command", () => {
  it("are resources: made, listed, given to users, granted to, and gone with what they let", async () => {
    await up.done("create 'demo.test:roles:editor<Role>'");
    assert.equal(await up.done("ls demo.test:roles"), "demo.test:roles:editor<Role>\n");
    await up.done(`auth role demo.test:roles:editor --add=${ANN}`);
    assert.match(await up.done("auth ls demo.test"), new RegExp(`role +has ${ANN} +demo.test:roles:editor`));
    await up.done("auth grant rw on 'demo.test:files:**' to demo.test:roles:editor");
    const [, grant] =
      /(\S+)$/.exec((await up.done("auth ls demo.test")).split("\n").find((row) => row.startsWith("grant")) ?? "") ??
      [];
    const why = `${grant} grants rw on demo.test:files:** to demo.test:roles:editor`;
    assert.equal(await can(ANN, "write", "demo.test:files:/x"), `0 yes: ${why}`);
    const no = (agent: string, verb: string) => `3 no: no rule lets ${agent} ${verb} demo.test:files:/x`;
    assert.equal(await can(ANN, "execute", "demo.test:files:/x"), no(ANN, "execute"));
    assert.equal(await can(BOB, "write", "demo.test:files:/x"), no(BOB, "write"));
    await up.done("rm demo.test:roles:editor");
    assert.equal(await can(ANN, "write", "demo.test:files:/x"), no(ANN, "write"));
    await up.done("create 'demo.test:roles:editor<Role>'");
    assert.equal(await can(ANN, "write", "demo.test:files:/x"), no(ANN, "write"), "who had it is forgotten with it");
  });
});

describe("owners, by the command", () => {
  it("are shown with everything, and lead over users to who began it all", async () => {
    await up.done(`create 'demo.test:hers<Base>' --owner=${ANN}`);
    await up.done(`create 'demo.test:hers:inner<Base>' --agent=${ANN}`);
    const rows = (await up.done("ls 'demo.test:**' --output=json")).trim();
    const found = JSON.parse(rows) as readonly { address: string; kind: string; owner: string }[];
    const owners = new Map(found.map(({ address, owner }) => [address, owner]));
    for (const { address } of found) {
      let at = address;
      for (let steps = 0; at !== "operator"; steps++) {
        assert.ok(steps < 4 && owners.has(at), `${address} leads to ${at}`);
        at = owners.get(at) as string;
      }
    }
    assert.equal(owners.get("demo.test:hers:inner"), ANN);
    assert.equal(found.find(({ address }) => address === ANN)?.kind, "User");
  });

  it("change by who owns it, or an operator, and by nobody else", async () => {
    await up.done(`create 'demo.test:given<Base>' --owner=${ANN}`);
    await up.done(`auth grant csdrwx on 'demo.test:given' to ${BOB}`);
    const taken = await up.orrery(`set demo.test:given --owner=${BOB} --agent=${BOB}`);
    assert.equal(taken.exit, 3);
    assert.match(taken.err, /only its owner, owners of what it lies in and operators may/);
    await up.done(`set demo.test:given --owner=${BOB} --agent=${ANN}`);
    assert.equal(await up.done("get 'demo.test:given{ owner }'"), `${BOB}\n`);
    assert.equal((await up.orrery(`set demo.test:given --owner=${ANN} --agent=${ANN}`)).exit, 3);
    await up.done(`set demo.test:given --owner=${ANN}`);
  });

  it("cannot be removed while they own anything: the error names it, and what gives all of it away", async () => {
    await up.done("create 'demo.test:users:cid<User>'");
    await up.done(`create 'demo.test:shared<Base>' --owner=${ANN}`);
    await up.done("auth grant c on demo.test:shared to demo.test:users:cid");
    for (const name of ["of-cid", "of-cid-too"])
      await up.done(`create 'demo.test:shared:${name}<Base>' --agent=demo.test:users:cid`);
    const kept = await up.orrery("rm demo.test:users:cid");
    assert.deepEqual([kept.exit, kept.err], [1, KEPT]);
    assert.equal((await up.orrery("rm demo.test:users --recursive")).exit, 1);
    assert.equal(await can(ANN, "write", "demo.test:shared:of-cid"), `0 yes: ${ANN} owns demo.test:shared`);
    await up.done(`chown ${BOB} demo.test:shared:of-cid-too --agent=${ANN}`);
    assert.equal(
      await up.done(`chown ${ANN} '**' --from=demo.test:users:cid --output=json`),
      `{"owner":"${ANN}","given":["demo.test:shared:of-cid"]}\n`,
    );
    await up.done("rm demo.test:users:cid");
    assert.equal(await up.done("get 'demo.test:shared:of-cid{ owner }'"), `${ANN}\n`);
    assert.match(await up.done("fsck owners"), /^0 broken: \d+ resources, 4 owners, at most 1 step to a User/);
  });

  it("go with a space in which all lies that they own", async () => {
    for (const what of ["gone.test<Space>", "gone.test:users<UserBase>", "gone.test:users:dan<User>"])
      await up.done(`create '${what}'`);
    await up.done("create 'gone.test:his<Base>' --owner=gone.test:users:dan");
    await up.done("create 'demo.test:his-too<Base>' --owner=gone.test:users:dan");
    const kept = await up.orrery("rm gone.test --recursive");
    assert.match(kept.err, /"gone.test:users:dan" in it owns "demo.test:his-too", give that to somebody else first/);
    assert.equal(
      await up.done(`chown ${ANN} demo.test:his-too`),
      `Gave to ${ANN} demo.test:his-too at revision ${await revision()}\n`,
    );
    await up.done("rm gone.test --recursive");
  });

  it("are the operator of what was made by somebody who is nobody, and never somebody who is not there", async () => {
    await up.done("create 'demo.test:open<Base>'");
    await up.done("auth grant c on demo.test:open to anyone");
    for (const [agent, name] of [
      ["anonymous", "b"],
      ["ann", "c"],
    ] as const) {
      await up.done(`create 'demo.test:open:${name}<Base>' --agent=${agent}`);
      assert.equal(await up.done(`get 'demo.test:open:${name}{ owner }'`), "operator\n", agent);
      assert.equal(
        await can(agent, "write", `demo.test:open:${name}`),
        `3 no: no rule lets ${agent} write demo.test:open:${name}`,
      );
    }
    for (const owner of ["ann", "demo.test:users:eve", "demo.test:open"]) {
      const { exit, err } = await up.orrery(`create 'demo.test:of-nobody<Base>' --owner=${owner}`);
      assert.equal(exit, 1);
      assert.match(err, /^Cannot give "demo.test:of-nobody" to ".*"\n.*, name a User, an operator, or what/);
    }
    const self = await up.orrery("set demo.test:open --owner=demo.test:open");
    assert.match(self.err, /nothing owns itself/);
  });
});

describe("a script", () => {
  it("says who may do what, too", async () => {
    const lines = `auth grant r on demo.test:files to ${BOB}; auth can ${BOB} read demo.test:files; chown ${ANN} demo.test:files`;
    const out = await up.done(`exec '${lines}'`);
    assert.match(out, /^Granted r on demo.test:files to .*\nyes: .*\nGave to demo.test:users:ann demo.test:files at/s);
    await up.done("chown operator demo.test:files");
  });
});

describe("orrery whoami", () => {
  it("says who is asking, and with --roles by which roles", async () => {
    await up.done("create 'demo.test:roles:writer<Role>'");
    await up.done(`auth role demo.test:roles:writer --add=${ANN}`);
    assert.equal(await up.done("whoami"), "operator, an operator\n");
    assert.equal(await up.done(`whoami --roles --agent=${ANN}`), `${ANN}\ndemo.test:roles:writer\n`);
    const none = await up.orrery(`whoami --roles --agent=${BOB}`);
    assert.deepEqual([none.out, none.err], [`${BOB}\n`, `${BOB} has no roles\n`]);
    const facts = { agent: ANN, operator: false, roles: ["demo.test:roles:writer"] };
    assert.deepEqual(JSON.parse(await up.done(`whoami --roles --agent=${ANN} --output=json`)), facts);
  });
});

/** The revision of the last change. */
async function revision(): Promise<number> {
  const found = JSON.parse(await up.done("ls 'demo.test:**' --output=json")) as readonly { revision: number }[];
  return Math.max(...found.map((one) => one.revision));
}

const KEPT = `Cannot remove "demo.test:users:cid"
  it owns "demo.test:shared:of-cid" and others, give that to somebody else first (SERVER as operator)
Try: orrery chown AGENT '**' --from=demo.test:users:cid
`;
