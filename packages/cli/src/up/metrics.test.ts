import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openTestUp, type TestUp } from "../testing/up.ts";

const GREETER = `
import { defineComponent, defineService, json } from "@orrery/core";
const Greeter = defineService("test.greeter", { greet: { request: json(), reply: json() } });
export default defineComponent(Greeter, () => ({ greet: () => ({ text: "Hello" }) }));
`;
const ADMIN = "orrery:users:admin";
const PASSWORD = "clockwork of the planets";

let up: TestUp;
before(async () => {
  up = await openTestUp({ isolation: "none" });
  mkdirSync(join(up.cwd, "src"));
  writeFileSync(join(up.cwd, "src", "greeter.ts"), GREETER);
  writeFileSync(join(up.cwd, "src", "orrery.yaml"), "components: { greeter: greeter.ts }\n");
  await up.done("create 'demo.test<Space>'");
  await up.done("user add demo.test:users:ann --password-file=-", { input: `${PASSWORD}\n` });
  await up.done("run src --name=shop --space=demo.test --no-check --wait");
});
after(() => up?.[Symbol.asyncDispose]());

async function ask(token?: string, method = "GET") {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(`${up.http}/metrics`, { method, headers });
  return { status: answer.status, type: answer.headers.get("content-type") ?? "", text: await answer.text() };
}

/** A token of a user for programs. */
const tokenOf = async (user: string, scope: string) => {
  const made = await up.done(`token add prometheus --user=${user} --scope='${scope}' --output=json`);
  return String((JSON.parse(made) as { readonly token: string }).token);
};

describe("the page of metrics", () => {
  it("is read by Prometheus with a token that may, and has the platform and each process of each app", async () => {
    const { status, type, text } = await ask(await tokenOf(ADMIN, "r on orrery:[metrics]"));
    assert.deepEqual([status, type], [200, "text/plain; version=0.0.4; charset=utf-8"], text);
    assert.match(text, /^# TYPE orrery_handled_total counter$/m);
    assert.match(text, /^orrery_handled_total\{.*component="orrery\.registry\.v1\.RegistryService".*\} [1-9]/m);
    assert.match(text, /^orrery_\w+\{app="demo\.test:shop",process="greeter-0".*\} \d/m);
    assert.equal(text.match(/^# TYPE orrery_handled_total /gm)?.length, 1);
    assert.ok(!text.includes("clockwork"));
  });

  it("is nobody else's", async () => {
    assert.equal((await ask()).status, 401);
    assert.equal((await ask("nonsense")).status, 401);
    const ann = await ask(await tokenOf("demo.test:users:ann", "r on **"));
    assert.deepEqual([ann.status, /Cannot read metrics as/.test(ann.text)], [403, true], ann.text);
    assert.equal((await ask(undefined, "POST")).status, 405);
  });
});
