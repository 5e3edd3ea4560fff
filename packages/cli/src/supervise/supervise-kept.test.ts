import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { defineService, json, outcomeOf } from "@orrery/core";
import { createMeshClient } from "@orrery/mesh";
import { makeHostProject } from "../testing/host-folder.ts";
import { killHost, startEvents } from "../testing/orrery.ts";
import { waitUntil } from "../testing/wait-until.ts";

const Notes = defineService("notes", { take: { request: json<{ id: string }>(), mode: "async", keep: true } });

const component = (file: string, version: string) => `import { appendFileSync } from "node:fs";
import { defineComponent, defineService, json } from "@orrery/core";
const Notes = defineService("notes", { take: { request: json<{ id: string }>(), mode: "async", keep: true } });
export default defineComponent(Notes, () => ({
  take: ({ id }) => appendFileSync(${JSON.stringify(file)}, \`\${id} ${version}\\n\`),
}));
`;

it("orrery supervise replaces what keeps messages, a new process beside the old one, and loses none", async (t) => {
  using project = makeHostProject();
  const file = join(project.cwd, "taken");
  const taken = () => (existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : []);
  project.write("app/notes.ts", component(file, "1"));
  project.write("app/host.yaml", "components:\n  notes: { instances: 2 }\n");
  const host = startEvents(["supervise", "app"], { cwd: project.cwd });
  t.after(() => killHost(host));
  const { address } = await host.next("supervising");
  const [{ pid }] = [await host.next("ready"), await host.next("ready")];
  await using client = await createMeshClient({ seeds: [address] });
  const acknowledged: string[] = [];
  let isOver = false;
  const sending = (async () => {
    for (let n = 0; !isOver; n++) {
      const id = `note-${n}`;
      const { accepted } = client.send(Notes).take({ id }, { timeoutMs: 5_000, idempotencyKey: id });
      if ((await outcomeOf(accepted)).kind === "reply") acknowledged.push(id);
    }
  })();
  await waitUntil(() => acknowledged.length > 20);
  process.kill(pid, "SIGKILL");
  await host.next("ready");
  project.write("app/notes.ts", component(file, "2"));
  await host.next("rolled");
  await waitUntil(() => taken().some((line) => line.endsWith(" 2")));
  isOver = true;
  await sending;
  const missing = () => {
    const ids = new Set(taken().map((line) => line.split(" ")[0]));
    return acknowledged.filter((id) => !ids.has(id));
  };
  await waitUntil(() => missing().length === 0);
  assert.ok(acknowledged.length > 20);
});
