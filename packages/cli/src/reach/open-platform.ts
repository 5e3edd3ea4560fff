import type { ClientNode, SendOptions, Service } from "@orrery/core";
import { isOrreryError } from "@orrery/core";
import {
  contractOf,
  type DescribedComponent,
  type MethodContract,
  serviceFromDescription,
} from "@orrery/core/internal";
import { type CallableServiceMessage, CallsService } from "@orrery/platform/service";
import type { CommandInput } from "../command.ts";
import { CommandError, usageError } from "../command-error.ts";
import { whereText } from "../environments/chosen.ts";
import { exitCodeOf } from "../exit-code.ts";
import { openServer, type Server } from "../resources/server.ts";
import type { Terminal } from "../terminal.ts";
import { CORE_SERVICES } from "./core-services.ts";
import { createFinder } from "./find-service.ts";
import type { Reach, ReachClient, ReachedService } from "./reach.ts";

/**
 * Opens the services of the platform that a command is about, as whoever is known there: its own, and those of the apps of the Space that is
 * meant. @throws CommandError
 */
export async function openPlatform(input: CommandInput, terminal: Terminal): Promise<Reach> {
  const patient = { ...input, text: (flag: string) => (flag === "timeout" ? undefined : input.text(flag)) };
  const server = await openServer(patient, terminal); // The time that is said is the call's.
  try {
    const { space } = server.chosen;
    const { timeoutMs } = server;
    const app = input.text("app");
    const asked = space !== "" ? space : (app?.split(":")[0] ?? "");
    const { services } = await server.node.client(CallsService).listServices({ space: asked }, { timeoutMs });
    const apps = await Promise.all(
      services.filter(({ address }) => app === undefined || address === app).map(described),
    );
    const core = app === undefined ? CORE_SERVICES.map(ofPlatform) : [];
    return makePlatform([...apps, ...core], server);
  } catch (error) {
    await server.close();
    throw server.explain(error);
  }
}

async function described(message: CallableServiceMessage): Promise<ReachedService> {
  const { name, version, address } = message;
  const service = await serviceFromDescription(message as unknown as DescribedComponent);
  const instances = message.instances.map(({ id, state }) => ({ id, state, incarnation: 0n, waiting: 0 }));
  const copy = { address, described: { ...message, instances } as unknown as DescribedComponent };
  return {
    name,
    service,
    contract: contractOf(service),
    copies: [copy],
    component: undefined,
    of: { app: address, version },
  };
}

function ofPlatform(service: Service): ReachedService {
  const contract = contractOf(service);
  return { name: contract.name, service, contract, copies: [], component: undefined, of: { app: "", version: "" } };
}

function makePlatform(all: readonly ReachedService[], server: Server): Reach {
  const { chosen } = server;
  const where = whereText(chosen);
  const names = [...new Set(all.map(({ name }) => name))].sort();
  const find = createFinder(names, chosen.space === "" ? `${where}, which names no space` : where);
  const apps = new Map(all.map(({ service, of }) => [service, of?.app ?? ""]));
  return {
    client: clientOf(server, apps),
    names,
    space: chosen.space,
    find: async (said) => {
      const name = find(said);
      const [one, other] = all.filter((service) => service.name === name);
      if (one !== undefined && other === undefined) return one;
      const owners = all.filter((service) => service.name === name).map(({ of }) => of?.app);
      throw usageError(`Cannot tell which "${name}" is meant: ${owners.join(" and ")} have it, name one by --app`);
    },
    all: async () => all,
    close: () => server.close(),
  };
}

type Facade<R> = Readonly<Record<string, (request: unknown, options?: SendOptions) => R>>;

/** Calls services by the platform: its own as they are, those of apps by what passes calls on. */
function clientOf(server: Server, apps: ReadonlyMap<Service, string>): ReachClient {
  const calls = server.node.client(CallsService);
  const explain = (error: unknown) => explained(error, server);
  const facade = <R>(
    service: Service,
    make: (method: MethodContract) => (request: unknown, options?: SendOptions) => R,
  ) => {
    const { methods } = contractOf(service);
    return Object.fromEntries([...methods.values()].map((method) => [method.localName, make(method)])) as Facade<R>;
  };
  const asking = (service: Service, method: MethodContract, request: unknown, options: SendOptions = {}) => {
    const { timeoutMs, version = "", instance = "", idempotencyKey = "", shardKey = "", signal } = options;
    const named = {
      service: contractOf(service).name,
      method: method.name,
      version,
      instance,
      idempotencyKey,
      shardKey,
    };
    const call = { ...named, body: method.request.encode(request), timeoutMs: timeoutMs ?? 0 };
    const longest = timeoutMs ?? (method.timeoutMs === 0 ? undefined : method.timeoutMs);
    const bound = { ...(signal && { signal }), ...(longest !== undefined && { timeoutMs: longest }) };
    return [{ address: apps.get(service) ?? "", call }, bound] as const;
  };
  const one = (service: Service) => (method: MethodContract) => async (request: unknown, options?: SendOptions) => {
    try {
      const { body } = await calls.call(...asking(service, method, request, options));
      return method.mode === "sync" ? method.reply.decode(body) : undefined;
    } catch (error) {
      throw explain(error);
    }
  };
  const items = (service: Service) => (method: MethodContract) =>
    async function* (request: unknown, options?: SendOptions) {
      try {
        for await (const { body } of calls.stream(...asking(service, method, request, options)))
          yield method.reply.decode(body);
      } catch (error) {
        throw explain(error);
      }
    };
  const any = (service: Service) => (method: MethodContract) =>
    method.mode === "stream" ? items(service)(method) : one(service)(method);
  const own = (service: Service) => {
    const methods = server.node.client(service) as unknown as Facade<unknown>;
    return facade<unknown>(
      service,
      ({ localName }) =>
        (request, options) =>
          explaining(methods[localName]?.(request, options), explain),
    );
  };
  const client = (service: Service) => (apps.get(service) ? facade<unknown>(service, any(service)) : own(service));
  const send = (service: Service) =>
    facade(service, (method) => (request, options) => ({ accepted: one(service)(method)(request, options) }));
  return { client, send, publish: client } as unknown as Pick<ClientNode, "client" | "send" | "publish">;
}

/** What a method of the platform's own answers; what it refuses says where and as whom. */
function explaining(answer: unknown, explain: (error: unknown) => unknown): unknown {
  if (answer instanceof Promise) return answer.catch((error: unknown) => Promise.reject(explain(error)));
  return passing(answer as AsyncIterable<unknown>, explain);
}

async function* passing(items: AsyncIterable<unknown>, explain: (error: unknown) => unknown) {
  try {
    yield* items;
  } catch (error) {
    throw explain(error);
  }
}

/** Says of what a service answered where that was, and as whom it was asked. */
function explained(error: unknown, server: Server): unknown {
  if (!isOrreryError(error)) return error;
  const told = server.explain(error);
  const tip = told instanceof CommandError && error.code !== "unavailable" ? told.tip : "";
  const text = `${error.message} (${whereText(server.chosen)})`;
  return new CommandError(text, { exit: exitCodeOf(error), cause: error, ...(tip !== "" && { tip }) });
}
