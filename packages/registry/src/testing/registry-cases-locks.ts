import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { expectRefusal } from "./expect-refusal.ts";
import { OPERATOR, type OpenRegistry } from "./registry-case.ts";

/** What locks keep, and when they end. */
export function testLocks(open: OpenRegistry): void {
  describe("locks", () => {
    it("keep others from writing, rise with each, and refuse a token whose time is over", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      const set = (title: string, token?: string) =>
        registry.change(
          { address: "demo.test", properties: { title } },
          { ...OPERATOR, ...(token === undefined ? {} : { token }) },
        );
      const first = await registry.lock({ address: "demo.test", ttlMs: 60_000 }, OPERATOR);
      await expectRefusal(set("x"), "aborted", 'it is locked by "operator" until');
      await expectRefusal(
        registry.lock({ address: "demo.test", ttlMs: 60_000 }, OPERATOR),
        "aborted",
        "it is locked by",
      );
      await set("x", first.token);
      const again = await registry.lock({ address: "demo.test", ttlMs: 120_000 }, { ...OPERATOR, token: first.token });
      assert.deepEqual([again.token, again.until > first.until], [first.token, true]);
      await expectRefusal(
        registry.unlock({ address: "demo.test" }, { ...OPERATOR, token: "1.abc" }),
        "permission_denied",
        "not the token",
      );
      await expectRefusal(registry.remove({ address: "demo.test" }, OPERATOR), "aborted", "it is locked by");
      await registry.unlock({ address: "demo.test" }, { ...OPERATOR, token: first.token });
      const second = await registry.lock({ address: "demo.test", ttlMs: 60_000 }, OPERATOR);
      assert.ok(second.fence > first.fence);
      await expectRefusal(set("y", first.token), "aborted", "has ended");
      assert.ok(!JSON.stringify(await registry.get("demo.test", OPERATOR)).includes(second.token.split(".")[1] ?? "?"));
    });

    it("end by themselves", async () => {
      await using registry = await open();
      await registry.create({ address: "demo.test", kind: "Space" }, OPERATOR);
      const first = await registry.lock({ address: "demo.test", ttlMs: 100 }, OPERATOR);
      while (Date.now() <= first.until) await new Promise(setImmediate);
      const second = await registry.lock({ address: "demo.test", ttlMs: 60_000 }, OPERATOR);
      assert.ok(second.fence > first.fence);
      await expectRefusal(
        registry.lock({ address: "demo.test", ttlMs: 99 }, OPERATOR),
        "invalid_argument",
        "from 100 ms to 24 h",
      );
    });
  });
}
