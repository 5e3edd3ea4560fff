import { resolve } from "node:path";
import type { ClientNode, ComponentView, Service } from "@orrery/core";
import { createTableDirectory, OrreryError } from "@orrery/core";
import {
  contractOf,
  type DescribedComponent,
  type ServiceContract,
  serviceFromDescription,
} from "@orrery/core/internal";
import { createMeshClient, launchHere, type RunningApp, readDirectory, readRunFiles } from "@orrery/mesh";
import type { CommandInput } from "../command.ts";
import { CommandError, EXIT, usageError } from "../command-error.ts";
import { DESCRIBE_TIMEOUT_MS } from "../limits.ts";
import type { Terminal } from "../terminal.ts";
import { createFinder } from "./find-service.ts";
import { type OwnKeys, ownKeys } from "./own-keys.ts";

/** One service that can be called. */
export interface ReachedService {
  readonly name: string;
  readonly service: Service;
  readonly contract: ServiceContract;
  /** What its nodes tell of it, one for each address. */
  readonly copies: readonly { readonly address: string; readonly described: DescribedComponent }[];
  /** The component itself, when it runs in this process. */
  readonly component: ComponentView | undefined;
  /** Where a platform has it: in an app, or of its own, which is empty. Default: it is no platform's. */
  readonly of?: { readonly app: string; readonly version: string };
}

/** What makes calls. */
export type ReachClient = Pick<ClientNode, "client" | "send" | "publish">;

/** Components that a command can talk to. */
export interface Reach {
  readonly client: ReachClient;
  /** Names of their services, in order. */
  readonly names: readonly string[];
  /** The Space that is meant, of a platform; empty: none is. Default: it is no platform. */
  readonly space?: string;
  /** Finds a service by what somebody calls it. @throws CommandError when there is none, or several. */
  find(said: string): Promise<ReachedService>;
  /** Every service. Those of nodes that do not answer are told to `onSilent`. */
  all(onSilent: (address: string, error: unknown) => void): Promise<readonly ReachedService[]>;
  close(): Promise<void>;
}

/** The same, through a node of this process. */
export interface NodeReach extends Reach {
  readonly client: ClientNode;
}

/** Nothing runs in this project, and no other place was named. */
export class NothingRuns extends CommandError {}

/**
 * Finds the components that a command is about: those of `--with`, of `--address`, of `--directory`, or, with none of these, those
 * that `orrery run` runs in this project.
 * @throws CommandError with exit code 4 when there is nothing, 2 when two ways are mixed.
 */
export async function openReach(input: CommandInput, terminal: Terminal): Promise<NodeReach> {
  const files = input.texts("with");
  const [address, file, agent] = [input.text("address"), input.text("directory"), input.text("agent")];
  if (address !== undefined && (file !== undefined || files.length > 0))
    throw usageError("Cannot reach components by --address and another way: name one way");
  const named = agent === undefined ? {} : { agent };
  if (files.length > 0 && input.text("key-file") !== undefined)
    throw usageError("Cannot use --key-file with --with: components that run here take no connections");
  if (files.length > 0) return await openHere(files, file, { terminal, ...named });
  const running = file === undefined ? readRunFiles(terminal.cwd) : [];
  const find = (addresses: readonly string[]) => ownKeys(input, terminal, { addresses, running });
  if (address !== undefined) return await openAddress(address, { ...named, ...(await find([address])) });
  const table = file === undefined ? runningTable(running) : tableOf(await readDirectory(resolve(terminal.cwd, file)));
  const keys = await find(Object.values(table).flat());
  const client = await createMeshClient({ directory: createTableDirectory(table), ...named, ...keys });
  return makeReach(client, table);
}

type Table = Readonly<Record<string, readonly string[]>>;

function tableOf(directory: RunningApp["directory"]): Table {
  return Object.fromEntries(directory.components().map((name) => [name, directory.resolve(name)]));
}

/** Where the components of this project are; of one that runs twice, those that were started last. */
function runningTable(running: readonly RunningApp[]): Table {
  if (running.length === 0) {
    throw new NothingRuns("Cannot reach any component: nothing runs in this project", {
      exit: EXIT.notFound,
      tip: "orrery run FILE, or name a place with --address, --directory or --with",
    });
  }
  const table: Record<string, readonly string[]> = {};
  for (const { directory } of running) {
    for (const name of directory.components()) table[name] ??= directory.resolve(name);
  }
  return table;
}

async function openAddress(address: string, named: { agent?: string } & OwnKeys): Promise<NodeReach> {
  const asker = await createMeshClient(named);
  let components: readonly DescribedComponent[];
  try {
    ({ components } = await asker.describe(address, { timeoutMs: DESCRIBE_TIMEOUT_MS }));
  } finally {
    await asker.stop();
  }
  const table = Object.fromEntries(components.map(({ name }) => [name, [address]]));
  return makeReach(await createMeshClient({ directory: createTableDirectory(table), ...named }), table);
}

async function openHere(
  paths: readonly string[],
  file: string | undefined,
  { terminal, agent }: { terminal: Terminal; agent?: string },
): Promise<NodeReach> {
  const directory = file === undefined ? undefined : await readDirectory(resolve(terminal.cwd, file));
  const app = await launchHere({
    paths,
    cwd: terminal.cwd,
    listen: undefined,
    ...(directory === undefined ? {} : { directory }),
    ...(agent === undefined ? {} : { agent }),
  });
  const here = new Map(app.node.components().map((view) => [view.name, view]));
  const elsewhere = directory === undefined ? {} : tableOf(directory);
  const reach = makeReach(app.node, elsewhere, here);
  return { ...reach, close: () => app.stop({ timeoutMs: 0 }) };
}

function makeReach(client: ClientNode, table: Table, here: ReadonlyMap<string, ComponentView> = new Map()): NodeReach {
  const names = [...new Set([...here.keys(), ...Object.keys(table)])].sort();
  const find = createFinder(names);
  const open = async (name: string): Promise<ReachedService> => {
    const component = here.get(name);
    if (component !== undefined) return hosted(name, component);
    return await reached(name, await describeAll(client, name, table[name] ?? []));
  };
  return {
    client,
    names,
    find: (said) => open(find(said)),
    async all(onSilent) {
      const services: ReachedService[] = [];
      for (const name of names) {
        const found = await open(name).catch((error: unknown) => onSilent(table[name]?.join(" ") ?? "", error));
        if (found !== undefined) services.push(found);
      }
      return services;
    },
    close: () => client.stop(),
  };
}

/** Asks every node that serves a component; one that does not answer is left out as long as another does. */
async function describeAll(
  client: ClientNode,
  name: string,
  addresses: readonly string[],
): Promise<ReachedService["copies"]> {
  const asked = await Promise.allSettled(
    addresses.map(async (address) => {
      const { components } = await client.describe(address, { timeoutMs: DESCRIBE_TIMEOUT_MS });
      const described = components.find((component) => component.name === name);
      if (described !== undefined) return { address, described };
      throw new OrreryError("not_found", `Cannot find "${name}" at "${address}": that node does not serve it any more`);
    }),
  );
  const answers = asked.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const failed = asked.find((result) => result.status === "rejected");
  if (answers.length === 0 && failed !== undefined) throw failed.reason;
  return answers;
}

async function reached(name: string, copies: ReachedService["copies"]): Promise<ReachedService> {
  const [first] = copies;
  if (first === undefined) throw new CommandError(`Cannot find "${name}": no node serves it`, { exit: EXIT.notFound });
  const service = await serviceFromDescription(first.described);
  return { name, service, contract: contractOf(service), copies, component: undefined };
}

function hosted(name: string, component: ComponentView): ReachedService {
  const { service } = component.component;
  return { name, service, contract: contractOf(service), copies: [], component };
}
