import assert from "node:assert/strict";
import { it } from "node:test";
import { makeHostProject } from "../testing/host-folder.ts";
import { killHost, orrery, startEvents, startRun } from "../testing/orrery.ts";

/** A component that keeps as much memory as it is asked to. */
const HOARD = `import { defineComponent, defineService, json } from "@orrery/core";
const kept = [];
const Hoard = defineService("hoard", { keep: { request: json<{ mib: number }>(), reply: json<{ pid: number }>() } });
export default defineComponent(Hoard, () => ({
  keep({ mib }) {
    kept.push(new Uint8Array(mib * 1024 * 1024).fill(1));
    return { pid: process.pid };
  },
}));
`;
const TEXT = /^it holds \d+(\.\d)? MiB, its limit is 400 MiB$/;

it("orrery supervise and orrery run replace a process that holds more than its component.yaml lets it", async (t) => {
  using project = makeHostProject();
  const { cwd } = project;
  project.write("app/hoard/hoard.ts", HOARD);
  project.write("app/hoard/component.yaml", "packages: false\nresources: { memoryMax: 400MiB }\n");
  const keep = async (mib: number) => {
    const { exit, out, err } = await orrery(["hoard", "keep", `--mib=${mib}`, "--output=json"], { cwd });
    assert.equal(exit, 0, err);
    return (JSON.parse(out) as { pid: number }).pid;
  };

  const host = startEvents(["supervise", "app"], { cwd });
  t.after(() => killHost(host));
  await host.next("supervising");
  await host.next("ready");
  const modest = await keep(1);
  assert.equal(await keep(500), modest);
  const ailing = await host.next("ailing");
  assert.deepEqual([ailing.reason, ailing.pid], ["memory", modest]);
  assert.match(String(ailing.text), TEXT);
  assert.equal((await host.next("ended")).reason, "memory");
  const again = await host.next("ready");
  assert.notEqual(again.pid, modest);
  assert.equal(host.events.filter(({ event }) => event === "ailing").length, 1);
  host.child.kill("SIGTERM");
  assert.equal((await host.ended).exit, 0);

  const app = startRun(["app/hoard", "--isolate=process"], { cwd });
  t.after(() => app.child.kill("SIGKILL"));
  await app.next("ready");
  const first = await keep(500);
  const crashed = await app.next("crashed");
  assert.equal(crashed.pid, first);
  assert.match(String(crashed.text), TEXT);
  assert.notEqual((await app.next("restarted")).pid, first);
  app.child.kill("SIGINT");
  assert.equal((await app.ended).exit, 0);
});
