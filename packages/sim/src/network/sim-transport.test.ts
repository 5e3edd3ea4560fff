import { test } from "node:test";
import { createSystemClock } from "@orrery/core";
import { testTransport } from "@orrery/core/conformance";
import { createChoices } from "../chance/choices.ts";
import { createDraws } from "../chance/draws.ts";
import { createAutoScheduler } from "../testing/auto-scheduler.ts";
import { createNodeClock } from "../time/node-clock.ts";
import type { LinkModel } from "./link-model.ts";
import { createSimNetwork } from "./sim-network.ts";
import { createSimTransport } from "./sim-transport.ts";

/** Tests the transport over a network whose time runs as fast as it can. */
function testNetwork(name: string, model: LinkModel): void {
  const scheduler = createAutoScheduler();
  const network = createSimNetwork({
    scheduler,
    choices: createChoices({ draws: createDraws(1) }),
    model: () => model,
  });
  let names = 0;
  let nodes = 0;
  testTransport(name, {
    test,
    createTransport: () => {
      const number = ++nodes;
      const place = { name: `node-${number}`, number, machine: "one", zone: "" };
      // The suite's own deadlines are of the machine's clock; what the transport waits for is of the world's.
      const waits = createNodeClock({ scheduler, node: number, timeOf: (tick) => tick / 1000 });
      const clock = {
        ...createSystemClock(),
        timer: (delayMs: number, fire: () => void) => waits.timer(delayMs, fire),
      };
      return createSimTransport({ network, place, clock });
    },
    freeAddress: () => `sim://place-${++names}`,
    badAddresses: ["", "sim:", "sim://", "sim://a b", "sim://a/b", "tcp://127.0.0.1:1"],
  });
}

testNetwork("createSimTransport, near,", { latency: 0.1 });
testNetwork("createSimTransport, far and wavering,", { latency: { kind: "lognormal", medianMs: 40, sigma: 0.8 } });
