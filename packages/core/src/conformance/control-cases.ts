import type { ConformanceCase } from "./case.ts";
import { expect, expectFailure, expectSame } from "./expect.ts";
import { Probe } from "./probe.ts";

/** The control plane over a transport. */
export const CONTROL_CASES: readonly ConformanceCase[] = [
  {
    name: "answers a ping while a handler is stuck and others wait behind it",
    async run(bench) {
      const { address, events, release } = await bench.serve();
      const client = bench.client([address]);
      const calls = Array.from({ length: 100 }, (_, index) => client.client(Probe).hold(String(index)));
      await events.atLeast(1);
      const { roundTripMs, peerMs } = await client.ping(address, { timeoutMs: 5000 });
      expect(roundTripMs < 5000 && peerMs > 0, `a pong in time, got ${roundTripMs} ms`);
      expectSame(events.items.length, 1, "what the handler had done by then");
      release();
      await Promise.all(calls);
    },
  },
  {
    name: "describes what a node serves",
    async run(bench) {
      const { address, node } = await bench.serve({ version: "1.2.3", instances: 2 });
      const description = await bench.client([address]).describe(address);
      const [probe] = description.components;
      expectSame(
        [description.node, probe?.name, probe?.version, probe?.instances.length],
        [node.name, "conformance.probe", "1.2.3", 2],
        "the description",
      );
      expectSame(
        probe?.methods.map(({ name }) => name),
        ["echo", "say", "fail", "hold", "facts", "note", "tell", "count"],
        "the methods",
      );
    },
  },
  {
    name: "ends a question to nobody",
    async run(bench) {
      const client = bench.client([]);
      const address = bench.reach(await bench.freeAddress());
      await expectFailure(client.ping(address, { timeoutMs: 30 }), { kind: "timeout" });
      await expectFailure(client.describe(address, { timeoutMs: 30 }), { kind: "timeout" });
    },
  },
  {
    name: "tells both sides who is behind a link",
    async run(bench) {
      const near = await bench.serve();
      const far = await bench.serve({ peers: { "conformance.probe": [near.address] } });
      await far.node.ping(near.address);
      await near.node.ping(far.address);
      expectSame(
        [near, far].map(({ node }) => [...new Set(node.peers().map((peer) => `${peer.node} ${peer.wire}`))]),
        [[`${far.node.name} 1`], [`${near.node.name} 1`]],
        "whom each knows",
      );
    },
  },
];
