import assert from "node:assert/strict";
import { test } from "node:test";
import { createHosts, type Host, whyNoHosts } from "../testing/hosts/lab.ts";
import type { Asked, Ends, Look, Role } from "../testing/hosts/policy-member.ts";
import type { Program } from "../testing/hosts/program.ts";

const MEMBER = new URL("../testing/hosts/policy-member.ts", import.meta.url);
const skip = whyNoHosts() ?? false;
/** A time that no machine needs, in ms. */
const WITHIN_MS = 60_000;

const begin = async (host: Host, role: Role["role"], seed: Host): Promise<Program> => {
  const given: Role = { role, name: host.name, ip: host.ip, seed: `tcp://${seed.ip}:7000` };
  const program = host.run(MEMBER, JSON.stringify(given));
  await program.next();
  return program;
};

const call = (program: Program, count: number, timeoutMs: number) =>
  program.ask<Ends>({ ask: "calls", count, options: { timeoutMs } } satisfies Asked);

const look = (program: Program) => program.ask<Look>({ ask: "look" } satisfies Asked);

const load = (program: Program, openCount: number) => program.ask({ ask: "load", openCount } satisfies Asked);

/** Does something again and again, until it gives what is wanted. @throws AssertionError after a time that no machine needs. */
async function until<T>(act: () => Promise<T>, isWanted: (seen: T) => boolean): Promise<T> {
  const beganMs = performance.now();
  for (;;) {
    const seen = await act();
    if (isWanted(seen)) return seen;
    assert.ok(performance.now() - beganMs < WITHIN_MS, `still ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("hosts that one cannot reach get no calls of it, behind an open breaker, and get them again once it can", {
  skip,
}, async (t) => {
  const [one, two, caller] = createHosts(t, ["one", "two", "caller"]) as unknown as [Host, Host, Host];
  await Promise.all([begin(one, "server", one), begin(two, "server", one)]);
  const asking = await begin(caller, "caller", one);
  const areBoth = (ends: Ends) => ends["one"] !== undefined && ends["two"] !== undefined;
  await until(() => call(asking, 10, 5_000), areBoth);
  const place = `tcp://${two.ip}:7000`;
  const breaker = async () => (await look(asking)).circuits[place];
  assert.deepEqual(await breaker(), { state: "closed", opened: 0 });
  two.cut(caller); // The first still hears both: to the caller the second is alive, and silent.
  await until(
    async () => {
      await call(asking, 5, 300);
      return breaker();
    },
    (seen) => seen?.state === "open",
  );
  const whileOpen = await until(
    async () => {
      const before = await breaker();
      const ends = await call(asking, 5, 5_000);
      return { before, ends, after: await breaker() };
    },
    // Between two probes: else one of the calls was a probe.
    ({ before, after }) => before?.state === "open" && after?.state === "open" && before.opened === after.opened,
  );
  assert.deepEqual(whileOpen.ends, { one: 5 });
  two.mend();
  const closed = await until(
    async () => {
      await call(asking, 5, 300);
      return breaker();
    },
    (seen) => seen?.state === "closed",
  );
  assert.ok((closed?.opened ?? 0) > 0);
  const again = await until(() => call(asking, 10, 5_000), areBoth);
  assert.equal((again["one"] ?? 0) + (again["two"] ?? 0), 10, "and none fails");
});

test("hosts lend instances to one where calls wait too long, take them back, and do not wait for a borrower that is gone", {
  skip,
}, async (t) => {
  const [sized, spare, caller] = createHosts(t, ["sized", "spare", "caller"]) as unknown as [Host, Host, Host];
  const [busy, lending] = await Promise.all([begin(sized, "sized", sized), begin(spare, "lender", sized)]);
  const asking = await begin(caller, "caller", sized);
  await until(
    () => call(asking, 5, 5_000),
    (ends) => ends["sized"] === 5,
  );
  assert.deepEqual([(await look(busy)).instances, (await look(lending)).instances], [1, 0]);
  const grown = async () => {
    await load(asking, 12); // One instance takes 480 ms for so many; 100 are allowed.
    const ends: Record<string, number> = {};
    await until(
      async () => {
        const seen = await look(asking);
        for (const [how, count] of Object.entries(seen.ends)) ends[how] = (ends[how] ?? 0) + count;
        return ends;
      },
      ({ spare: lent = 0, sized: own = 0 }) => lent > 0 && own > 0,
    );
    return ends;
  };
  const ends = await grown();
  assert.deepEqual(Object.keys(ends).sort(), ["sized", "spare"], "no call fails");
  await load(asking, 0);
  const last = await until(
    () => look(asking),
    ({ open }) => open === 0,
  );
  assert.deepEqual(
    Object.keys(last.ends).filter((how) => how !== "sized" && how !== "spare"),
    [],
  );
  await until(
    () => look(lending),
    ({ instances }) => instances === 0,
  );
  assert.equal((await look(busy)).instances, 1);
  await grown();
  sized.powerOff();
  await load(asking, 0);
  await until(
    () => look(lending),
    ({ instances }) => instances === 0,
  );
});
