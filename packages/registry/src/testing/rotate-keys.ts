// Rotates the keys of a registry and kills itself on the way: node rotate-keys.ts DATABASE-URL KEY-FILE POINT, which is rotated, resealed, or a count of seals.
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { createRegistry } from "../create-registry.ts";
import type { Registry } from "../registry.ts";
import { openPostgres } from "../store/system-postgres.ts";
import { type KeyRing, openKeyRing } from "../system-key-ring.ts";
import { rotateSecrets } from "../upkeep/rotate-secrets.ts";
import { SAFE } from "./fill-registry.ts";

const [url = "", file = "", point = ""] = process.argv.slice(2);
let seals = 0;
const at = (name: string) => {
  if (name === point) process.kill(process.pid, "SIGKILL");
};
const ring = openKeyRing(file);
const keys: KeyRing = {
  ...ring,
  rotate: () => {
    const key = ring.rotate();
    at("rotated");
    return key;
  },
  seal: (value, about) => {
    const sealed = ring.seal(value, about);
    at(String(++seals));
    return sealed;
  },
};
const parts = { clock: createSystemClock(), random: createSystemRandom(), secrets: keys, kinds: [SAFE] };
const opened = await createRegistry({ database: openPostgres({ url }), ...parts });
const registry: Registry = {
  ...opened,
  reseal: async (by) => {
    const count = await opened.reseal(by);
    at("resealed");
    return count;
  },
};
await rotateSecrets({ registry, keys, operators: ["operator"] }, { agent: "operator" });
