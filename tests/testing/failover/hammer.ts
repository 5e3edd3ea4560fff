// npm run hammer -- 1000: so many additions at once to a stateful mechtron, and to its stateless twin, in threads and with files.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Component, createNode, defineService, json } from "@orrery/core";
import { createCage, createMechtronComponent, createStatefulMechtron, stateFolder } from "@orrery/platform";

/** What came of so many additions of 1: the sums that were given, smallest and largest, and how many of them differ. */
export interface Hammered {
  readonly least: number;
  readonly most: number;
  readonly distinct: number;
  readonly perSecond: number;
}

const Counter = defineService("counter", {
  add: { request: json<{ amount: number }>(), reply: json<{ sum: number }>() },
});

const CODE = new TextEncoder().encode(`
  const JSON_TYPE = "application/json";
  export default { abi: 1, async handle(head, body, host) {
    const ask = (method, value) =>
      host.call(JSON.stringify({ service: "orrery.state", method, path: "sum", contentType: JSON_TYPE }), value);
    const sum = Number((await ask("get", "")).body || "0") + JSON.parse(body).amount;
    await ask("set", String(sum));
    return { head: JSON.stringify({ contentType: JSON_TYPE }), body: JSON.stringify({ sum }) };
  } };`);

/** Adds 1 so many times at once. */
export async function hammer(count: number, persist: "stateless" | "None" | "ReplicateToFile"): Promise<Hammered> {
  const folder = mkdtempSync(join(tmpdir(), "orrery-hammer-"));
  await using cage = createCage();
  const mechtron = { cage, name: "counter", service: Counter, kind: "script", code: CODE } as const;
  const components: readonly Component[] =
    persist === "stateless"
      ? [createMechtronComponent(mechtron)]
      : createStatefulMechtron({ ...mechtron, persist, files: stateFolder(folder) });
  const node = createNode({ components });
  await node.start();
  const client = node.client(Counter);
  const beganMs = performance.now();
  const replies = await Promise.all(
    Array.from({ length: count }, () => client.add({ amount: 1 }, { timeoutMs: 600_000 })),
  );
  const tookMs = performance.now() - beganMs;
  await node.stop();
  rmSync(folder, { recursive: true, force: true });
  const sums = new Set(replies.map(({ sum }) => sum));
  return {
    least: Math.min(...sums),
    most: Math.max(...sums),
    distinct: sums.size,
    perSecond: Math.round((count * 1_000) / tookMs),
  };
}

if (import.meta.main) {
  const text = process.argv[2] ?? "1000";
  if (!/^[1-9]\d{0,5}$/.test(text)) {
    console.error(`Cannot add "${text}" times: write a number up to 999999`);
    process.exit(2);
  }
  for (const persist of ["stateless", "None", "ReplicateToFile"] as const) {
    const { least, most, distinct, perSecond } = await hammer(Number(text), persist);
    console.log(
      `${persist.padEnd(15)} ${text} additions gave ${distinct} sums from ${least} to ${most}, ${perSecond} in a second`,
    );
  }
}
