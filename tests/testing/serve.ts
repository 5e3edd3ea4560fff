/** Serves the components of files over ZeroMQ: writes its address, then every line of its log; ends when its input does. */

import { createNode } from "@orrery/core";
import { loadComponents } from "@orrery/mesh";
import { createZmqTransport } from "@orrery/zmq";

const loaded = await loadComponents(process.argv.slice(2), { cwd: import.meta.dirname });
const node = createNode({
  name: "server",
  components: loaded.map(({ component }) => component),
  transports: [createZmqTransport()],
  listen: ["tcp://127.0.0.1:0"],
  log: ({ text }) => void process.stdout.write(`${text}\n`),
});
await node.start();
process.stdout.write(`${node.addresses[0]}\n`);
process.stdin.resume().on("end", () => void node.stop({ timeoutMs: 0 }));
