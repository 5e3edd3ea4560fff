import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AppRelease } from "../apps/app-release.ts";
import { type AppRuntime, type AppStand, NO_STAND } from "../apps/app-runtime.ts";

/** What the suite of runtimes needs of one. */
export interface RuntimeHarness {
  /** A runtime over what the last one left. */
  open(): Promise<AppRuntime>;
  /** A release of an app; one that is `bad` does not come up, and says that it is broken. */
  release(app: string, id: string): AppRelease;
  /** The release that answers a call; undefined where none does. */
  answers(runtime: AppRuntime, app: string): Promise<string | undefined>;
  /** Lets time pass. */
  pass(): Promise<void>;
  close(): Promise<void>;
}

const APP = "demo.test:app";

/** Tests a runtime of apps: what every one of them promises. */
export function testRuntime(name: string, make: () => Promise<RuntimeHarness>): void {
  describe(`${name}, as every runtime of apps,`, () => {
    it("knows nothing of an app that never ran, and may be told to drop it", async () => {
      await using run = await makeRun(await make());
      assert.deepEqual([run.runtime.apps(), run.stand()], [[], NO_STAND]);
      await run.runtime.drop(APP);
      assert.deepEqual(run.runtime.folders(), []);
    });

    it("runs a release, puts the next in its place, and answers all the while", async () => {
      await using run = await makeRun(await make());
      await run.to("v1");
      assert.deepEqual([run.runtime.apps(), await run.answers()], [[APP], "v1"]);
      assert.equal(run.runtime.folders().includes(run.release("v1").folder), true);
      run.run("v1"); // Said again it changes nothing.
      assert.deepEqual([run.stand().isReady, run.stand().next], [true, undefined]);
      run.run("v2");
      const seen = new Set<string>();
      await run.until(async () => {
        const { isReady, release } = run.stand();
        assert.equal(isReady, true, "it is not ready while another takes its place");
        seen.add(String(await run.answers()));
        return release?.id === "v2";
      });
      assert.equal(await run.answers(), "v2");
      assert.deepEqual(
        [...seen].filter((one) => one !== "v1" && one !== "v2"),
        [],
      );
    });

    it("keeps what runs where the next is bad, says why, and does not try that again", async () => {
      await using run = await makeRun(await make());
      await run.to("v1");
      run.run("bad");
      await run.until(() => {
        assert.equal(run.stand().isReady, true, "it is not ready while another is tried");
        return run.stand().failed !== undefined;
      });
      assert.equal(run.stand().failed?.release, "bad");
      assert.match(run.stand().failed?.why ?? "", /broken/);
      run.run("bad");
      assert.deepEqual([run.stand().next, run.stand().release?.id, await run.answers()], [undefined, "v1", "v1"]);
      run.run("v1");
      assert.equal(run.stand().failed, undefined);
      await run.to("v2");
    });

    it("says why a first release does not come up, and comes back with another", async () => {
      await using run = await makeRun(await make());
      run.run("bad");
      await run.until(() => run.stand().failed !== undefined);
      const { isReady, failed } = run.stand();
      assert.deepEqual([isReady, failed?.release, await run.answers()], [false, "bad", undefined]);
      assert.match(failed?.why ?? "", /broken/);
      await run.to("v1");
      assert.equal(run.stand().failed, undefined);
    });

    it("ends what rests, also when it is opened again, and runs it when it is told to", async () => {
      await using run = await makeRun(await make());
      await run.to("v1");
      await run.runtime.rest(APP);
      await run.runtime.rest(APP);
      assert.deepEqual([run.runtime.apps(), run.stand(), await run.answers()], [[APP], NO_STAND, undefined]);
      await run.reopen();
      assert.deepEqual([run.runtime.apps(), run.stand(), await run.answers()], [[APP], NO_STAND, undefined]);
      await run.to("v1");
      assert.equal(await run.answers(), "v1");
      await run.runtime.rest(APP);
      await run.runtime.drop(APP);
      await run.reopen();
      assert.deepEqual([run.runtime.apps(), run.runtime.folders()], [[], []]);
    });

    it("goes on with what it was told when it is opened again, and forgets what was dropped", async () => {
      await using run = await makeRun(await make());
      await run.to("v1");
      await run.reopen();
      await run.until(() => run.stand().isReady);
      assert.deepEqual([run.stand().release?.id, await run.answers()], ["v1", "v1"]);
      await run.runtime.drop(APP);
      assert.deepEqual([run.runtime.apps(), run.stand(), await run.answers()], [[], NO_STAND, undefined]);
      await run.reopen();
      assert.deepEqual([run.runtime.apps(), run.runtime.folders()], [[], []]);
      await run.to("v2");
    });
  });
}

/** A runtime with one app. */
async function makeRun(harness: RuntimeHarness) {
  let runtime = await harness.open();
  let last: AppStand = NO_STAND;
  const listen = () =>
    runtime.onChange((app) => {
      assert.equal(app, APP);
      last = runtime.stand(app);
    });
  listen();
  const until = async (is: () => boolean | Promise<boolean>) => {
    while (!(await is())) await harness.pass();
  };
  const release = (id: string) => harness.release(APP, id);
  const run = (id: string) => runtime.run(release(id));
  const stand = () => runtime.stand(APP);
  return {
    get runtime() {
      return runtime;
    },
    ...{ until, release, run, stand },
    answers: () => harness.answers(runtime, APP),
    /** Runs a release until it is ready and its listener has heard so. */
    to: async (id: string) => {
      run(id);
      const isSo = ({ release: now, isReady, next }: AppStand) => now?.id === id && isReady && next === undefined;
      await until(() => isSo(stand()) && isSo(last));
    },
    reopen: async () => {
      await runtime.close();
      runtime = await harness.open();
      listen();
    },
    [Symbol.asyncDispose]: async () => {
      await runtime.close();
      await harness.close();
    },
  };
}
