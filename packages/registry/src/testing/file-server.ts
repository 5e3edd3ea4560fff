// Serves the files of a registry until it is killed: node file-server.ts DATABASE-URL FOLDER ADDRESS; prints where it listens.
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { createMeshNode } from "@orrery/mesh";
import { createDirectoryBlobs } from "../blobs/directory-blobs.ts";
import { createRegistry } from "../create-registry.ts";
import { createFiles } from "../files/create-files.ts";
import { createFileComponent } from "../files/file-component.ts";
import { openPostgres } from "../store/system-postgres.ts";
import { createSecretBox, createSecretKey } from "../system-secret-box.ts";

const [url = "", folder = "", address = ""] = process.argv.slice(2);
const clock = createSystemClock();
const random = createSystemRandom();
const secrets = createSecretBox([createSecretKey()]);
const registry = await createRegistry({ database: openPostgres({ url }), clock, random, secrets });
const files = createFiles({ registry, blobs: createDirectoryBlobs({ folder, clock }), clock, random });
const by = { agent: "operator" };
await registry.create({ address: "demo.test", kind: "Space", strategy: "ensure" }, by);
await registry.create({ address: "demo.test:files", kind: "FileSystem", strategy: "ensure" }, by);
const node = await createMeshNode({ components: [createFileComponent(files)], listen: [address], clock, random });
await node.start();
process.stdout.write(`${node.addresses[0]}\n`);
