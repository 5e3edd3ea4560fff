/** Starts what is built of a node with one component, and prints which files and which modules of Node that has loaded. */

import { registerHooks } from "node:module";

const files: string[] = [];
registerHooks({
  load: (url, context, next) => {
    if (url.startsWith("file:")) files.push(url);
    return next(url, context);
  },
});
/** What Node has loaded of itself; it tells that without promise. */
const modules = () => (process as unknown as { moduleLoadList: readonly string[] }).moduleLoadList;
const before = new Set(modules());

const { defineComponent, defineService, json } = await import("@orrery/core");
const { createMeshNode } = await import("@orrery/mesh");
const Echo = defineService("echo", { say: { request: json<string>(), reply: json<string>() } });
const echo = defineComponent(Echo, () => ({ say: (text) => text }));
await using node = await createMeshNode({ components: [echo], listen: ["tcp://127.0.0.1:0"] });
await node.start();

const loaded = modules().filter((entry) => !before.has(entry) && entry.startsWith("NativeModule "));
process.stdout.write(JSON.stringify({ files, modules: loaded.map((entry) => entry.slice("NativeModule ".length)) }));
