import { isOrreryError } from "@orrery/core";
import type { DoorCall, DoorWatch } from "@orrery/http";
import { type Meter, parentText, parseAddress, printAddress, type Registry } from "@orrery/registry";
import { createConnectionMeter } from "./connection-meter.ts";

/** Options of `createDoorMeter`. */
export interface DoorMeterOptions {
  /** What there is. */
  readonly registry: Pick<Registry, "get">;
  /** Takes the counts. */
  readonly meter: Meter;
  /** In whose name it looks, an operator. */
  readonly agent: string;
  /** Methods, such as `demo.Greeter.greet`, whose calls are counted by what answers them. Default: none. */
  readonly counted?: readonly string[];
}

/**
 * Makes what counts the calls at an HTTP door, and all bytes of its connections: for the resource that a message names by its `address`, or by
 * what its `selector` begins with; where that is not there, for the nearest above that is. Of what names none, for whoever calls, where he is a
 * resource; else for nobody. Calls that are counted elsewhere are for nobody here, too: none counts twice.
 */
export function createDoorMeter({ registry, meter, agent, counted = [] }: DoorMeterOptions): DoorWatch {
  const connections = createConnectionMeter(meter);
  const isThere = async (address: string) => {
    try {
      await registry.get(address, { agent });
      return true;
    } catch (error) {
      if (isOrreryError(error) && (error.code === "not_found" || error.code === "invalid_argument")) return false;
      throw error;
    }
  };
  /** A name that nobody has must not stand in the ledger: anybody may ask for any. */
  const nearest = async (named: string | undefined) => {
    for (let address = named ?? ""; address !== ""; address = parentText(address))
      if (await isThere(address)) return address;
    return undefined;
  };
  const meantBy = async (call: DoorCall) => (await nearest(namedIn(call))) ?? (await nearest(callerOf(call)));
  return {
    open: (connection) => connections.open(connection),
    begin: async (connection, call) => {
      const isCounted = counted.includes(call.name);
      const address = isCounted ? undefined : await meantBy(call);
      connections.begin(connection, address === undefined ? undefined : { address, messages: 1 });
    },
    end: (connection) => connections.end(connection),
  };
}

function namedIn({ message }: DoorCall): string | undefined {
  const { address, selector } = message as { readonly address?: unknown; readonly selector?: unknown };
  if (typeof address === "string" && address !== "") return addressOf(address);
  const fixed = typeof selector === "string" ? /^[^*<{?]*/.exec(selector)?.[0] : undefined;
  return addressOf(fixed?.replace(/:$/, ""));
}

/** Who calls, where he is a resource; a name such as `operator` is none, although it might be that of a space. */
function callerOf({ agent = "" }: DoorCall): string | undefined {
  return agent.includes(":") ? addressOf(agent) : undefined;
}

/** An address in full; undefined for what is none. */
function addressOf(text = ""): string | undefined {
  try {
    return text === "" ? undefined : printAddress(parseAddress(text));
  } catch {
    return undefined;
  }
}
