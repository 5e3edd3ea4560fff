import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { curl } from "../testing/curl.ts";
import { openTestUp, type TestUp } from "../testing/up.ts";

let up: TestUp;
before(async () => {
  up = await openTestUp();
  await up.done("create 'demo.test<Space>'");
});
after(() => up?.[Symbol.asyncDispose]());

const env = { ORRERY_SPACE: "demo.test" };
const done = (line: string) => up.done(line, { env });
const json = async (line: string) => JSON.parse(await done(`${line} --output=json`));
const visit = async () => (await curl(`${up.web}/`, "demo.test")).status;

describe("orrery billing", () => {
  it("shows the plan that there is", async () => {
    assert.equal(
      await done("billing plans"),
      [
        "PLAN       TITLE      A MONTH    SEATS                         SERVICES",
        "developer  Developer  35.00 USD  1 seats, then 35.00 USD each  10 services, then 5.00 USD each",
        "",
        "PLAN       BOUNDS",
        "developer  each process  memory 256 MiB, 1 processors, 64 threads, scratch 64 MiB",
        "",
      ].join("\n"),
    );
  });

  it("says that a space has no bill, and what to do", async () => {
    const { exit, err } = await up.orrery("billing get", { env });
    assert.equal(exit, 4);
    assert.match(err, /Cannot find a bill of "demo\.test"\n {2}nobody subscribed there/);
  });

  it("subscribes, is paid by an operator, and shows the invoice", async () => {
    const made = await json("billing subscribe ann@example.com");
    assert.deepEqual([made.standing, made.open.id, made.open.amount], ["starting", "demo.test/1", 3_500]);
    assert.match(await done("billing get"), /^open +demo\.test\/1, 35\.00 USD, to be paid$/m);
    assert.match(await done("billing mark-paid demo.test/1"), /^standing +active$/m);
    assert.match(await done("billing invoices"), /^demo\.test\/1 +\d{4}-\d\d-\d\d +paid +35\.00 USD/m);
    assert.match(await done("billing ls"), /^demo\.test +active +developer/m);
    const again = await up.orrery("billing mark-paid demo.test/1");
    assert.deepEqual([again.exit, /no such invoice is open/.test(again.err)], [4, true]);
  });

  it("counts what comes", async () => {
    await up.done("create 'demo.test:users<UserBase>'");
    for (const user of ["ann", "eve"]) await up.done(`create 'demo.test:users:${user}<User>'`);
    for (const lastMs = performance.now() + 60_000; (await json("billing get")).seats !== 2; )
      assert.ok(performance.now() < lastMs, "nobody counts");
  });

  it("ends with the month, goes on, ends now, and stops serving", async () => {
    assert.equal(await visit(), 404);
    assert.match(await done("billing cancel"), /^standing +active, ends \d{4}/m);
    assert.match(await done("billing continue"), /^standing +active$/m);
    assert.equal((await json("billing cancel --now")).standing, "ended");
    assert.equal(await visit(), 503);
    const letters = readdirSync(join(up.cwd, "data", "mail"));
    const told = letters.map((name) => readFileSync(join(up.cwd, "data", "mail", name), "utf8")).join("\n");
    assert.match(told, /To: ann@example\.com/);
    assert.match(told, /demo\.test is not served any more, as was wished/);
    assert.equal((await json("billing invoices"))[0].refunded > 3_400, true);
  });

  it("refuses others, and plans and addresses that are none", async () => {
    const ann = await up.orrery("billing get --agent=ann", { env });
    assert.deepEqual([ann.exit, /Cannot read "demo\.test:\[billing\]" as "ann"/.test(ann.err)], [3, true], ann.err);
    await up.done("auth grant r on 'demo.test:[billing]' to ann");
    assert.match(await done("billing get --agent=ann"), /ended/);
    assert.equal((await up.orrery("billing cancel --now --agent=ann", { env })).exit, 3);
    assert.equal((await up.orrery("billing ls --agent=ann")).exit, 3);
    const plan = await up.orrery("billing choose developr", { env });
    assert.match(plan.err, /there is none of that name, did you mean "developer"\?/);
    await up.done("create 'other.test<Space>'");
    const mail = await up.orrery("billing subscribe nobody --space=other.test");
    assert.match(mail.err, /"nobody"\n {2}it is no address, such as ann@example\.com/);
  });
});
