import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createSystemClock, createSystemRandom } from "@orrery/core";
import { type GuestHarness, testGuest } from "@orrery/guest/conformance";
import { buildAssembly, buildRust, buildScript, GUEST, noRust } from "../testing/build-guest.ts";
import type { Cage } from "./cage.ts";
import { createModelCage } from "./model-cage.ts";
import { createCage } from "./system-cage.ts";

const LEVELS = ["debug", "info", "warn", "error"];
const sources = join(GUEST, "template/conformance");
const languages = [
  { name: "TypeScript", kind: "script", skip: false, build: () => buildScript(join(sources, "conformance.ts")) },
  { name: "AssemblyScript", kind: "wasm", skip: false, build: () => buildAssembly(join(sources, "conformance.as.ts")) },
  { name: "Rust", kind: "wasm", skip: noRust, build: () => buildRust(join(sources, "conformance.rs")) },
] as const;

for (const { name, kind, skip, build } of languages) {
  for (const place of ["thread", "model"] as const) {
    describe(`${name} in a ${place}`, { skip }, () => {
      let code: Uint8Array;
      let cage: Cage;
      before(async () => {
        code = await build();
        const sources = { clock: createSystemClock(), random: createSystemRandom() };
        cage = place === "thread" ? createCage() : await createModelCage(sources);
      });
      after(() => cage[Symbol.asyncDispose]());
      const open: GuestHarness["open"] = async (host) => {
        const write = (level: string) => (text: string) => host.log(LEVELS.indexOf(level), text);
        const log = { ...Object.fromEntries(LEVELS.map((level) => [level, write(level)])), with: () => log } as never;
        const limits = { wallMs: 60_000, cpuMs: 60_000 };
        const mechtron = cage.createMechtron({
          name: "conformance",
          code,
          kind,
          limits,
          digest: name,
          host: host.call,
          log,
        });
        return { handle: (request) => mechtron.handle(request), close: async () => mechtron.close() };
      };
      testGuest({ test, name: `createMechtron runs ${name} in a ${place}`, open });
    });
  }
}
