import { strict as assert } from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { guestRequest } from "@orrery/guest/abi";
import type { Cage } from "../cage/cage.ts";
import type { Mechtron } from "../cage/mechtron.ts";
import { createModelCage } from "../cage/model-cage.ts";
import type { SoleMember } from "../stateful/sole-member.ts";
import { COUNTER_CODE } from "../testing/stateful-world.ts";
import type { HeldStates } from "./mechtron-states.ts";
import { createMechtronStates, statesAtRest } from "./system-mechtron-states.ts";

const clock = createSystemClock();
const scratch = mkdtempSync(join(tmpdir(), "orrery-states-"));
let cage: Cage;
let mechtron: Mechtron;
before(async () => {
  cage = await createModelCage({ clock, random: createSystemRandom() });
  mechtron = cage.createMechtron({ name: "counter", kind: "script", code: COUNTER_CODE, host: refuse });
});
after(async () => {
  await cage[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true, force: true });
});

const refuse = () => Promise.reject(new Error("it calls nobody"));

let count = 0;
function open() {
  const folder = join(scratch, String(++count));
  return { folder, states: createMechtronStates(folder, clock) };
}

async function add(member: SoleMember, amount = 1): Promise<number> {
  const body = Buffer.from(JSON.stringify({ amount }));
  const request = guestRequest({ service: "counter", method: "add", contentType: "application/json", body });
  const reply = await member.handle({ mechtron, request, host: refuse, waitMs: 60_000 });
  return (JSON.parse(Buffer.from(reply.body).toString()) as { sum: number }).sum;
}

/** Puts what was held into another folder, as a restore does, and opens a mechtron there. */
async function reopen(held: Pick<HeldStates, "states">, name: string): Promise<SoleMember> {
  const { folder, states } = open();
  for (const state of held.states) {
    const bytes = await state.read();
    if (bytes === undefined) continue;
    mkdirSync(join(folder, state.folder), { recursive: true });
    writeFileSync(join(folder, state.folder, "state-0000000001"), bytes);
  }
  return await states.open(name, "ReplicateToFile");
}

test("MechtronStates.hold has all that was acknowledged, and acknowledges nothing before release", async () => {
  const { states } = open();
  const member = await states.open("demo.test:app:a", "ReplicateToFile");
  assert.equal(await add(member, 5), 5);
  const held = await states.hold();
  let isAcknowledged = false;
  const adding = add(member, 2).then((sum) => {
    isAcknowledged = true;
    return sum;
  });
  for (let turn = 0; turn < 50; turn++) await setImmediate();
  assert.equal(isAcknowledged, false);
  held.release();
  assert.equal(await adding, 7);
  const restored = await reopen(held, "demo.test:app:a");
  assert.equal(await add(restored, 0), 5);
  await Promise.all([member.close(), restored.close()]);
});

test("MechtronStates.hold opens and forgets none meanwhile, and lets all go on at once", async () => {
  const { folder, states } = open();
  const gone = await states.open("demo.test:app:gone", "ReplicateToFile");
  await add(gone);
  await gone.close();
  const [held, again] = [await states.hold(), states.hold()];
  const forgetting = states.forget("demo.test:app:gone");
  const opening = states.open("demo.test:app:new", "ReplicateToFile");
  for (let turn = 0; turn < 50; turn++) await setImmediate();
  const [first] = held.states;
  assert.ok(first !== undefined && existsSync(join(folder, first.folder)));
  held.release();
  held.release();
  (await again).release();
  await forgetting;
  const fresh = await opening;
  assert.equal(existsSync(join(folder, first.folder)), false);
  assert.equal(await add(fresh), 1);
  const restored = await reopen(held, "demo.test:app:gone"); // Of one that did not run.
  assert.equal(await add(restored), 2);
  await Promise.all([fresh.close(), restored.close()]);
});

test("MechtronStates.hold has neither what ends with the process, nor what was never used", async () => {
  const { states } = open();
  const brief = await states.open("demo.test:app:brief", "None");
  const unused = await states.open("demo.test:app:unused", "ReplicateToFile");
  await add(brief);
  const held = await states.hold();
  held.release();
  assert.deepEqual(await Promise.all(held.states.map(({ read }) => read())), [undefined]);
  await Promise.all([brief.close(), unused.close()]);
});

test("MechtronStates.hold says which folder cannot be read, and holds nothing then; so does statesAtRest", async () => {
  const { folder, states } = open();
  const member = await states.open("demo.test:app:a", "ReplicateToFile");
  await add(member);
  const broken = join(folder, "f".repeat(32));
  mkdirSync(broken);
  writeFileSync(join(broken, "state-0000000001"), "nothing that was written here");
  await assert.rejects(states.hold(), { code: "data_loss", message: /Cannot open the state of ".*f{32}": byte 0 of/ });
  assert.equal(await add(member), 2);
  await member.close();
  const reads = (await statesAtRest(folder)).map(({ read }) => read());
  const [kept, bad] = await Promise.allSettled(reads);
  assert.deepEqual([kept?.status, bad?.status], ["fulfilled", "rejected"]);
});
