import { OrreryError } from "@orrery/core";
import { hashText } from "@orrery/core/internal";
import type { ModelNode, World } from "@orrery/sim";
import { createGossipDirectory } from "../discovery/gossip-directory.ts";
import type { ElasticEvent } from "../elastic/elastic.ts";
import { HOST_DEFAULTS, type HostConfig } from "../host/host-config.ts";
import { createHostCore, type HostCore, type HostMemory, type HostRecord } from "../host/host-core.ts";
import { createHostElasticity, type HostElasticity } from "../host/host-elastic.ts";
import { createHostService } from "../host/host-service.ts";
import { type Release, type ReleaseStore, releaseText } from "../host/release.ts";
import type { Supervisor } from "../supervise/supervise.ts";
import { createSupervisor } from "../supervise/supervisor.ts";
import { createMemoryStore, ModelMachine } from "./supervise/model-processes.ts";
import { randomOf } from "./supervise/world-machine.ts";

/** Hash of a modelled file; as long as a real one. */
function modelHash(content: Uint8Array): string {
  return hashText(new TextDecoder().decode(content)).toString(16).padStart(64, "0");
}

/** A release of one file, which says how its processes behave. */
export function modelRelease(behaviour: object): { release: Release; content: Uint8Array; version: string } {
  const content = new TextEncoder().encode(JSON.stringify(behaviour));
  const release = {
    entry: "shop.ts",
    files: [{ path: "shop.ts", sha256: modelHash(content), bytes: content.length }],
  };
  return { release, content, version: versionOf(release) };
}

function versionOf(release: Release): string {
  return hashText(releaseText(release)).toString(16).padStart(8, "0");
}

/** Versions in memory. What the host's folder holds is `first`. */
function createMemoryReleases(first: Uint8Array): ReleaseStore & { behaviourOf(version: string): object } {
  const blobs = new Map<string, Uint8Array>();
  const versions = new Map<string, Release>();
  const store = {
    folder: async () => {
      const { release } = modelRelease(JSON.parse(new TextDecoder().decode(first)) as object);
      store.put(first);
      return new Map([["shop", store.keep(release)]]);
    },
    has: (version: string) => versions.has(version),
    missing: ({ files }: Release) => files.map(({ sha256 }) => sha256).filter((sha256) => !blobs.has(sha256)),
    put: (content: Uint8Array) => {
      blobs.set(modelHash(content), content);
      return modelHash(content);
    },
    keep: (release: Release) => {
      versions.set(versionOf(release), release);
      return versionOf(release);
    },
    sweep: () => undefined,
    behaviourOf: (version: string) => {
      const sha256 = versions.get(version)?.files[0]?.sha256 ?? "";
      return JSON.parse(new TextDecoder().decode(blobs.get(sha256))) as object;
    },
  };
  return store;
}

/** A modelled host of a world. */
export interface WorldHost {
  readonly name: string;
  readonly node: ModelNode;
  /** Undefined until it is up. */
  readonly core: HostCore | undefined;
  readonly machine: ModelMachine | undefined;
  readonly releases: ReturnType<typeof createMemoryReleases>;
  /** What it did to sizes so far. */
  readonly sizes: readonly ElasticEvent[];
}

/** What hosts of a world have in common. */
export interface WorldHostOptions {
  readonly seeds: readonly string[];
  /** What its folder holds. */
  readonly first: Uint8Array;
  readonly config?: Partial<HostConfig>;
  /** Told whenever something happens to a process of it. */
  readonly onEvent?: () => void;
}

/** Adds a host to a world: a real one, over modelled processes. */
export function addWorldHost(world: World, name: string, options: WorldHostOptions): WorldHost {
  const { seeds, first, onEvent } = options;
  const config = { ...HOST_DEFAULTS, operators: ["ops"], ...options.config };
  const releases = createMemoryReleases(first);
  const store = createMemoryStore();
  let record: HostRecord | undefined;
  const memory: HostMemory = {
    load: () => record,
    save: (next) => {
      record = structuredClone(next);
    },
  };
  const sizes: ElasticEvent[] = [];
  const host: { core: HostCore | undefined; machine: ModelMachine | undefined } = {
    core: undefined,
    machine: undefined,
  };
  const core = (): HostCore => {
    if (host.core !== undefined) return host.core;
    throw new OrreryError("unavailable", `Cannot ask host "${name}": it is not up yet`);
  };
  let known = createGossipDirectory({ seeds });
  const service = createHostService({
    name,
    key: "",
    releases,
    members: () => known.members(),
    operators: () => config.operators,
    core: {
      plan: (plan) => core().plan(plan),
      apply: (plan) => core().apply(plan),
      status: () => core().status(),
    },
  });
  let elasticity: HostElasticity | undefined;
  let supervisor: Supervisor | undefined;
  const node: ModelNode = world.node(name, {
    components() {
      elasticity ??= createHostElasticity({
        host: name,
        supervisor: { status: () => supervisor?.status() ?? [] },
        sizes: {
          get isChanging() {
            return core().sizes.isChanging;
          },
          components: () => core().sizes.components(),
          sizeOf: (component) => core().sizes.sizeOf(component),
          resize: (component, size) => core().sizes.resize(component, size),
        },
        config: () => config,
        onSize: (event) => sizes.push(event),
      });
      return [service, ...elasticity.components];
    },
    directory: () => {
      known = createGossipDirectory({ seeds });
      return known;
    },
    agent: config.agent,
    async run({ clock, life }) {
      host.machine = new ModelMachine(clock); // It starts with its host, and with nothing that ran before.
      supervisor = await createSupervisor({
        control: host.machine.control(),
        store,
        clock,
        random: randomOf(world),
        onEvent: () => onEvent?.(),
        onTold: (child, news) => elasticity?.hear(child, news),
      });
      host.core = createHostCore({
        name,
        supervisor,
        releases,
        memory,
        clock,
        config: () => config,
        programOf: ({ version }) => ({ version, ...releases.behaviourOf(version) }),
        versionOf: (program) => (program as { version: string }).version,
      });
      elasticity?.attach(life, known);
      await host.core.refresh();
      elasticity?.follow();
    },
  });
  return {
    name,
    node,
    releases,
    sizes,
    get core() {
      return host.core;
    },
    get machine() {
      return host.machine;
    },
  };
}
