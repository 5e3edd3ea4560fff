import { type Component, type ComponentOptions, type Context, defineComponent, OrreryError } from "@orrery/core";
import { type CountRequest, type Payload, RelayService } from "../gen/relay/v1/relay_pb.ts";

/** Is shown each payload that is echoed, as the handler has it. */
export type EchoWitness = (payload: Payload | undefined, context: Context) => void;

/** Makes the component that the acceptance tests call. */
export function createRelay(options: ComponentOptions = {}, witness: EchoWitness = () => undefined): Component {
  return defineComponent(
    RelayService,
    (instance) => {
      const notes: string[] = [];
      const announced: string[] = [];
      return {
        echo: ({ payload }, context) => {
          see(context);
          witness(payload, context);
          return payload === undefined ? {} : { payload };
        },
        fail: ({ how }, context) => {
          see(context);
          return fail(how);
        },
        wait: (_request, context) => {
          see(context);
          context.log.info("waiting");
          return new Promise<never>(() => undefined);
        },
        look(_request, context) {
          const seen = see(context);
          const { node, id, component, version, incarnation } = instance;
          return { node, instance: id, component, version, incarnation, pid: process.pid, seen, notes, announced };
        },
        note: ({ text }, context) => {
          see(context);
          notes.push(text);
        },
        crash: () => instance.crash(new Error("asked to")),
        count: (request, context) => {
          see(context);
          return count(request);
        },
        announce: ({ text }, context) => {
          see(context);
          announced.push(text);
        },
      };
    },
    options,
  );
}

/** Counts messages in the instance's own memory. */
function see({ env }: Context): number {
  const seen = Number(env["seen"] ?? 0) + 1;
  env["seen"] = seen;
  return seen;
}

function fail(how: string): never {
  switch (how) {
    case "not_found":
      throw new OrreryError("not_found", 'Cannot find "it": nobody has it', { details: { tried: ["here", "there"] } });
    case "aborted":
      throw new OrreryError("aborted", "Cannot go on: somebody else was faster");
    case "error":
      throw new Error("what no caller may read");
    default:
      // A handler may be plain JavaScript that throws whatever it likes.
      throw how;
  }
}

async function* count({ to, failAt }: CountRequest): AsyncGenerator<{ value: number }> {
  for (let value = 1; value <= to; value++) {
    if (value === failAt) throw new OrreryError("out_of_range", `Cannot count to ${value}: it is too much`);
    yield { value };
  }
}
