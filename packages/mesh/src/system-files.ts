/**
 * Node's own files, without an `import`: that asks node:fs for all it exports, and so loads its streams and promises too, which a process
 * that serves a component would wait for at each start.
 */
export function systemFiles(): typeof import("node:fs") {
  return process.getBuiltinModule("node:fs");
}
