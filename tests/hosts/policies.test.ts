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
