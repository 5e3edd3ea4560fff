import { AppsService } from "@orrery/platform/service";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { readCount } from "../operate/read-number.ts";
import { tracesOf } from "../operate/timeline.ts";
import { paragraph, SHOWN } from "../operate/trace-text.ts";
import { handlerOf, type ResourceCommand } from "../resources/resource-command.ts";
import { appAddress } from "./app-names.ts";

interface Wish {
  readonly address: string;
  readonly traceId: string;
  readonly flow: string;
  readonly component: string;
  readonly failed: boolean;
  readonly limit: number;
}

/** `orrery trace --app=APP` */
export const command: ResourceCommand<Wish> = {
  read: (input) => {
    if (input.has("watch"))
      throw usageError("Cannot watch an app: all of its calls are traced, leave --watch out and ask again");
    const [subject = input.text("flow") ?? ""] = input.words;
    const isTrace = /^[0-9a-f]{8,32}$/.test(subject);
    return {
      address: appAddress(input, input.text("app") ?? ""),
      traceId: isTrace ? subject : "",
      flow: isTrace ? "" : subject,
      component: input.text("component") ?? "",
      failed: input.has("failed"),
      limit: readCount(input, "limit", 1) ?? SHOWN,
    };
  },
  act: async ({ limit, ...wish }, { server, terminal, isJson }) => {
    const { spans, silent } = await server.node
      .client(AppsService)
      .getSpans(wish, { timeoutMs: server.timeoutMs })
      .catch((error: unknown) => {
        throw server.explain(error);
      });
    const traces = tracesOf(spans).slice(-limit);
    if (isJson) await terminal.write(`${JSON.stringify(traces)}\n`);
    else if (traces.length > 0) await terminal.write(`${traces.map((one) => paragraph(one, terminal)).join("\n\n")}\n`);
    else terminal.say(`No call of ${wish.address} is kept: nobody called it, or they were forgotten since`);
    if (silent.length === 0) return EXIT.done;
    throw new CommandError(`Cannot show all of ${wish.address}: ${silent.join(", ")} gave no answer`, {
      tip: `orrery status ${wish.address}`,
    });
  },
};

/** What is done when it is typed alone. */
export const run = handlerOf(command);
