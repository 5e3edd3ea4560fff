import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSeededRandom } from "@orrery/core/conformance";
import type { Resource } from "../resource.ts";
import { judge } from "../write/ground.ts";
import { createGrants } from "./grants.ts";
import { VERBS, type Verb } from "./verbs.ts";

/** Who may do what, said again as shortly as it can be: no index, no order, every rule tried on everything. */
function mayByTheBook(world: World, agent: string, verb: Verb, address: string): boolean {
  if (agent === "operator") return true;
  const isIn = (inner: string, outer: string) => inner.startsWith(`${outer}:`);
  if (world.resources.some((one) => one.owner === agent && (one.address === address || isIn(address, one.address))))
    return true;
  const whose = (to: string) =>
    to === agent || to === "anyone" || world.roles.some((role) => role.address === to && role.members.includes(agent));
  return world.grants.some(({ to, verbs, on }) => {
    if (!whose(to) || !verbs.includes(letterOf(verb))) return false;
    if (on.endsWith(":**")) return isIn(address, on.slice(0, -3));
    if (on.endsWith(":*")) return isIn(address, on.slice(0, -2)) && !address.slice(on.length - 1).includes(":");
    return address === on;
  });
}

interface World {
  readonly resources: readonly { readonly address: string; readonly owner: string }[];
  readonly roles: readonly { readonly address: string; readonly members: readonly string[] }[];
  readonly grants: readonly {
    readonly address: string;
    readonly to: string;
    readonly verbs: string;
    readonly on: string;
  }[];
}

function letterOf(verb: Verb): string {
  return { create: "c", select: "s", delete: "d", read: "r", write: "w", execute: "x" }[verb];
}

const AGENTS = ["ann", "bob", "cid", "", "operator"];
const ADDRESSES = ["a", "a:b", "a:b:c", "a:b:c:d", "a:bc", "a:bc:d", "z", "z:b", "a:new", "a:b:new"];

function makeWorld(random: ReturnType<typeof createSeededRandom>): World {
  const pick = <T>(from: readonly T[]) => from[random.integer(from.length)] as T;
  const some = <T>(max: number, make: (n: number) => T) =>
    Array.from({ length: random.integer(max + 1) }, (_, n) => make(n));
  const roles = some(3, (n) => ({
    address: `a:role${n}`,
    members: AGENTS.filter((agent) => agent !== "" && random.integer(3) === 0),
  }));
  const grants = some(5, (n) => ({
    address: `a:grant${n}`,
    to: pick(["ann", "bob", "cid", "anyone", ...roles.map(({ address }) => address)]),
    verbs: ["c", "s", "d", "r", "w", "x"].filter(() => random.integer(2) === 0).join("") || "r",
    on: `${pick(ADDRESSES)}${pick(["", ":*", ":**"])}`,
  }));
  const resources = ADDRESSES.filter((address) => !address.endsWith("new")).map((address) => ({
    address,
    owner: random.integer(6) === 0 ? pick(["ann", "bob"]) : "root",
  }));
  return { resources, roles, grants };
}

function resourceOf(address: string, kind: string, rest: Partial<Resource>): Resource {
  return {
    address,
    kind,
    properties: {},
    fixed: [],
    labels: {},
    owner: "root",
    status: { state: "Ready" },
    state: {},
    finalizers: [],
    created: 1,
    revision: 1,
    ...rest,
  };
}

describe("rights", () => {
  it("are those of the book in 100,000 cases", async () => {
    const random = createSeededRandom(11);
    let allowed = 0;
    for (let cases = 0; cases < 100_000; ) {
      const world = makeWorld(random);
      const grants = createGrants();
      for (const { address, members } of world.roles)
        grants.put(resourceOf(address, "Role", { properties: { members } }));
      for (const { address, to, verbs, on } of world.grants)
        grants.put(resourceOf(address, "Grant", { properties: { to, verbs, on } }));
      const known = new Map(
        world.resources.map(({ address, owner }) => [address, resourceOf(address, "Base", { owner })]),
      );
      const reads = { get: async (address: string) => known.get(address) };
      for (const agent of AGENTS)
        for (const verb of VERBS)
          for (const address of ADDRESSES) {
            cases++;
            const decision = await judge(
              { agent, verb, address },
              { reads, rights: { operators: new Set(["operator"]), grants } },
            );
            const wanted = mayByTheBook(world, agent, verb, address);
            if (wanted) allowed++;
            if (decision.allowed !== wanted)
              assert.fail(JSON.stringify({ world, agent, verb, address, decision, wanted }, null, 1));
          }
      for (const { address } of [...world.roles, ...world.grants]) grants.remove(address);
      const none = await judge(
        { agent: "cid", verb: "read", address: "a" },
        { reads, rights: { operators: new Set(), grants } },
      );
      assert.equal(none.allowed, false);
    }
    assert.ok(allowed > 20_000 && allowed < 80_000, `${allowed} of 100,000`);
  });
});
