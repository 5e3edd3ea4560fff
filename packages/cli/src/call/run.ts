import type { SendOptions } from "@orrery/core";
import type { MethodContract } from "@orrery/core/internal";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, type ExitCode, UnknownService } from "../command-error.ts";
import { parseTime } from "../parse-time.ts";
import { openServices } from "../reach/open-services.ts";
import { NothingRuns, type Reach, type ReachClient, type ReachedService } from "../reach/reach.ts";
import type { Terminal } from "../terminal.ts";
import { findMethod } from "./find-method.ts";
import type { Printer } from "./printer.ts";

/**
 * Calls a method, or prints the help of a service or a method. The first word tells how it was typed: `call` or `direct`, and with
 * `-help` behind when help is wanted; then come service, method, and what the request is made of.
 */
export async function run(input: CommandInput, terminal: Terminal): Promise<ExitCode> {
  const [how = "", said = "", saidMethod, ...words] = input.words;
  const isHelp = how.endsWith("-help");
  const reach = await open(input, terminal, how.startsWith("direct") ? said : undefined);
  try {
    const service = await reach.find(said);
    if (saidMethod === undefined || saidMethod.startsWith("--")) {
      if (isHelp && saidMethod === undefined) {
        const { serviceHelp } = await import("./help.ts");
        await terminal.write(serviceHelp(service));
        return EXIT.done;
      }
      throw noMethod(service);
    }
    const method = findMethod(service, saidMethod);
    if (isHelp) {
      const { methodHelp } = await import("./help.ts");
      await terminal.write(methodHelp(service, method, input.command));
      return EXIT.done;
    }
    const { makeRequest } = await import("./make-request.ts"); // Only now, for what reads and prints messages is half of the command.
    const request = inSpace(await makeRequest({ service, method, words }, terminal), { service, reach });
    return await perform({ client: reach.client, service, method, request, input, terminal });
  } finally {
    await reach.close();
  }
}

/** What is asked of a platform is about the Space that is meant, where it says nothing else. */
function inSpace(request: unknown, { service, reach }: { readonly service: ReachedService; readonly reach: Reach }) {
  const said = request as { readonly space?: unknown };
  const isOpen = service.of?.app === "" && said.space === "" && (reach.space ?? "") !== "";
  return isOpen ? { ...said, space: reach.space } : request;
}

/** Opens what can be reached; where nothing runs, a word that was no command is no service either. */
async function open(input: CommandInput, terminal: Terminal, word: string | undefined): Promise<Reach> {
  try {
    return await openServices(input, terminal);
  } catch (error) {
    if (word === undefined || !(error instanceof NothingRuns)) throw error;
    throw new UnknownService(word, { near: [], names: [] });
  }
}

function noMethod({ name, contract }: ReachedService): CommandError {
  const methods = [...contract.methods.values()].map((method) => method.name).join(", ");
  const tip = `orrery ${name} --help`;
  return new CommandError(`Cannot call "${name}": no method is named, its methods are ${methods}`, {
    exit: EXIT.usage,
    tip,
  });
}

interface Performance {
  readonly client: ReachClient;
  readonly service: ReachedService;
  readonly method: MethodContract;
  readonly request: unknown;
  readonly input: CommandInput;
  readonly terminal: Terminal;
}

/** Methods of a service whose contract is known only now. */
type Methods<R> = Readonly<Record<string, (request: unknown, options: SendOptions) => R>>;

async function perform(call: Performance): Promise<ExitCode> {
  const { client, method, request, input, terminal } = call;
  const { createPrinter } = await import("./printer.ts");
  const { service } = call.service;
  const interrupt = new AbortController();
  const release = terminal.onInterrupt(() => interrupt.abort());
  const options = { ...optionsOf(input), signal: interrupt.signal };
  const of = { service: call.service.contract, method };
  const printer = createPrinter(of, { form: input.text("output") ?? "text", terminal });
  const name = method.localName;
  try {
    switch (method.mode) {
      case "sync":
        await printer.one(
          await (client.client(service) as unknown as Methods<Promise<unknown>>)[name]?.(request, options),
        );
        break;
      case "stream":
        await printStream(call, options, printer);
        break;
      case "async":
        await (client.send(service) as unknown as Methods<{ accepted: Promise<void> }>)[name]?.(request, options)
          .accepted;
        await printer.note("accepted");
        break;
      case "broadcast":
        await (client.publish(service) as unknown as Methods<Promise<void> | undefined>)[name]?.(request, options);
        await printer.note("sent");
    }
    return EXIT.done;
  } finally {
    release();
  }
}

/** Prints items as they come; Ctrl-C, or a reader that has enough, ends the stream and is no failure. */
async function printStream(call: Performance, options: SendOptions, printer: Printer): Promise<void> {
  const { client, service, method, request } = call;
  const methods = client.client(service.service) as unknown as Methods<AsyncIterable<unknown>>;
  try {
    for await (const item of methods[method.localName]?.(request, options) ?? []) {
      if (!(await printer.item(item))) return;
    }
  } catch (error) {
    if (options.signal?.aborted !== true) throw error;
  }
}

function optionsOf(input: CommandInput): SendOptions {
  const [timeout, version, instance, agent, shardKey, idempotencyKey] = [
    ...["timeout", "version", "instance", "agent"],
    ...["shard-key", "idempotency-key"],
  ].map((flag) => input.text(flag));
  return {
    ...(timeout === undefined ? {} : { timeoutMs: parseTime(timeout, "timeout") }),
    ...(version === undefined ? {} : { version }),
    ...(instance === undefined ? {} : { instance }),
    ...(agent === undefined ? {} : { agent }),
    ...(shardKey === undefined ? {} : { shardKey }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}
