import type { Meter } from "@orrery/registry";
import type { Cage } from "../cage/cage.ts";
import type { Mechtron } from "../cage/mechtron.ts";

/** The same cage, whose mechtrons, each named by its address, have their messages and their time of the processor counted. */
export function meterCage(cage: Cage, meter: Meter): Cage {
  const counted = new Map<Mechtron, { readonly messages: number; readonly cpuUs: number }>();
  const collect = () => {
    for (const [mechtron, before] of counted) {
      const isLast = mechtron.state === "closed";
      const { messages, cpuMs } = mechtron.usage;
      const cpuUs = Math.round(cpuMs * 1000);
      if (messages > before.messages || cpuUs > before.cpuUs)
        meter.count(mechtron.name, { messages: messages - before.messages, cpuUs: cpuUs - before.cpuUs });
      if (isLast) counted.delete(mechtron);
      else counted.set(mechtron, { messages, cpuUs });
    }
  };
  const end = meter.onCollect(collect);
  return {
    createMechtron: (options) => {
      const mechtron = cage.createMechtron(options);
      counted.set(mechtron, { messages: 0, cpuUs: 0 });
      return mechtron;
    },
    get live() {
      return cage.live;
    },
    [Symbol.asyncDispose]: async () => {
      await cage[Symbol.asyncDispose]();
      collect();
      end();
    },
  };
}
