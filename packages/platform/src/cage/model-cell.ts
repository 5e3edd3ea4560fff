import type { Cell, CellOrder, CellReply } from "./cell.ts";
import { faultOf, GuestFault } from "./guest-fault.ts";
import type { GuestInstance } from "./guest-ports.ts";
import { MODEL_INTERRUPTS_MAX } from "./limits.ts";
import { createLogBudget } from "./log-budget.ts";
import { openScriptGuest, type ScriptWorld } from "./script-guest.ts";
import { openWasmGuest } from "./wasm-guest.ts";

/**
 * A cell within this thread, for the simulator: the same code runs, in an order that nothing but the messages decides. An endless loop of a
 * script is found by counting; one of a module is not, it never gives back the thread.
 */
export function createModelCell(engine: ScriptWorld["engine"]): Cell {
  let guest: GuestInstance | undefined;
  let renew = () => {};
  const killed = Promise.withResolvers<never>();
  killed.promise.catch(() => {});
  return {
    async load({ code, bounds, ports, seed }: CellOrder) {
      try {
        const budget = createLogBudget(ports.log);
        renew = budget.renew;
        const inner = { call: ports.call, log: budget.log };
        if (code.kind === "script") {
          guest = openScriptGuest(code.text, {
            engine,
            bounds: { ...bounds, interrupts: MODEL_INTERRUPTS_MAX },
            ports: inner,
            seed,
          });
        } else {
          code.compiled ??= new WebAssembly.Module(code.bytes);
          guest = openWasmGuest(code.compiled, bounds, inner);
        }
      } catch (error) {
        throw faultOf(error, "refused");
      }
    },
    async handle(request): Promise<CellReply> {
      if (guest === undefined) throw new GuestFault("refused", "nothing is loaded");
      const reply = await Promise.race([guest.handle(request), killed.promise]);
      renew();
      return { reply, cpuMs: 0 };
    },
    cpuMs: () => undefined,
    kill() {
      guest = undefined;
      killed.reject(new GuestFault("killed", "it was stopped"));
    },
  };
}
