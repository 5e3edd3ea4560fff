import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

const ANN = "demo.test:users:ann";
const BOB = "demo.test:users:bob";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  for (const what of ["demo.test<Space>", "demo.test:files<FileSystem>", "demo.test:roles<Base>"])
    await done(`create '${what}'`);
  for (const what of ["demo.test:users<UserBase>", `${ANN}<User>`, `${BOB}<User>`]) await done(`create '${what}'`);
});
after(() => up[Symbol.asyncDispose]());

/** The text that a command prints that must go well. */
async function done(line: string): Promise<string> {
  const { exit, out, err } = await up.orrery(line);
  assert.equal(exit, 0, `${line}: ${err}`);
  return out;
}

/** The exit code and the first line of an answer: 0 and yes, 3 and no. */
async function can(agent: string, verb: string, address: string): Promise<string> {
  const { exit, out } = await up.orrery(`auth can ${agent} ${verb} ${address}`);
  return `${exit} ${out.trim()}`;
}

describe("roles, by the command", () => {
  it("are resources: made, listed, given to users, granted to, and gone with what they let", async () => {
    await done("create 'demo.test:roles:editor<Role>'");
    assert.equal(await done("ls demo.test:roles"), "demo.test:roles:editor<Role>\n");
    await done(`auth role demo.test:roles:editor --add=${ANN}`);
    assert.match(await done("auth ls demo.test"), new RegExp(`role +has ${ANN} +demo.test:roles:editor`));
    await done("auth grant rw on 'demo.test:files:**' to demo.test:roles:editor");
    const [, grant] =
      /(\S+)$/.exec((await done("auth ls demo.test")).split("\n").find((row) => row.startsWith("grant")) ?? "") ?? [];
    const why = `${grant} grants rw on demo.test:files:** to demo.test:roles:editor`;
    assert.equal(await can(ANN, "write", "demo.test:files:/x"), `0 yes: ${why}`);
    const no = (agent: string, verb: string) => `3 no: no rule lets ${agent} ${verb} demo.test:files:/x`;
    assert.equal(await can(ANN, "execute", "demo.test:files:/x"), no(ANN, "execute"));
    assert.equal(await can(BOB, "write", "demo.test:files:/x"), no(BOB, "write"));
    await done("rm demo.test:roles:editor");
    assert.equal(await can(ANN, "write", "demo.test:files:/x"), no(ANN, "write"));
    await done("create 'demo.test:roles:editor<Role>'");
    assert.equal(await can(ANN, "write", "demo.test:files:/x"), no(ANN, "write"), "who had it is forgotten with it");
  });
});

describe("owners, by the command", () => {
  it("are shown with everything, and lead over users to who began it all", async () => {
    await done(`create 'demo.test:hers<Base>' --owner=${ANN}`);
    await done(`create 'demo.test:hers:inner<Base>' --agent=${ANN}`);
    const rows = (await done("ls 'demo.test:**' --output=json")).trim();
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
    await done(`create 'demo.test:given<Base>' --owner=${ANN}`);
    await done(`auth grant csdrwx on 'demo.test:given' to ${BOB}`);
    const taken = await up.orrery(`set demo.test:given --owner=${BOB} --agent=${BOB}`);
    assert.equal(taken.exit, 3);
    assert.match(taken.err, /only its owner and operators may/);
    await done(`set demo.test:given --owner=${BOB} --agent=${ANN}`);
    assert.equal(await done("get 'demo.test:given{ owner }'"), `${BOB}\n`);
    assert.equal((await up.orrery(`set demo.test:given --owner=${ANN} --agent=${ANN}`)).exit, 3);
    await done(`set demo.test:given --owner=${ANN}`);
  });

  it("may be removed: what they own stays, and whoever owns what it lies in has it, too", async () => {
    await done("create 'demo.test:users:cid<User>'");
    await done(`create 'demo.test:shared<Base>' --owner=${ANN}`);
    await done("auth grant c on demo.test:shared to demo.test:users:cid");
    await done("create 'demo.test:shared:of-cid<Base>' --agent=demo.test:users:cid");
    await done("rm demo.test:users:cid");
    assert.equal(await done("get 'demo.test:shared:of-cid{ owner }'"), "demo.test:users:cid\n");
    assert.equal(await can(ANN, "write", "demo.test:shared:of-cid"), `0 yes: ${ANN} owns demo.test:shared`);
    await done(`set demo.test:shared:of-cid --owner=${ANN}`);
    await done(`rm demo.test:shared:of-cid --agent=${ANN}`);
  });
});
