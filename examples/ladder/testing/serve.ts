// serve.ts ADDRESS: runs the stations at an address, until it is killed.
import { createMeshNode } from "@orrery/mesh";
import stations from "../stations.ts";

const node = await createMeshNode({ components: [stations], listen: [process.argv[2] ?? ""] });
await node.start();
console.log("serving");
