/**
 * Node's crypto, loaded when it is first used: that takes longer than loading all of this package, and only CURVE and keys need it.
 */
export function nodeCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}
