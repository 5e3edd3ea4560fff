import { type Clock, OrreryError } from "@orrery/core";
import { stableText } from "@orrery/mesh/internal";
import type { Pod } from "../../pod/pod.ts";
import type { PodLine, PodRuntime, RunningCopy, WantedPod } from "../../runtime/pod-runtime.ts";

/** What a program of a pod finds when it starts. */
export interface ProgramStart {
  readonly env: Readonly<Record<string, string>>;
  /** By name, in plain. */
  readonly secrets: Readonly<Record<string, Uint8Array>>;
  /** What volumes hold, by volume. */
  readonly volumes: Readonly<Record<string, Map<string, string>>>;
  readonly image: string;
  say(text: string): void;
}

/** Runs in the place of a container's process. What it throws is why it does not start. */
export type Program = (start: ProgramStart) => void;

/** What outlives a restart of a provider: volumes and lines. */
export class MemoryDisk {
  readonly volumes = new Map<string, Record<string, Map<string, string>>>();
  readonly lines = new Map<string, PodLine[]>();
}

interface Running {
  readonly wanted: WantedPod;
  readonly startedAtMs: number;
  readonly restarts: number;
}

/** A runtime in memory: programs are functions, and what they do counts as done. It holds no pod to its limits. */
export class MemoryRuntime implements PodRuntime {
  readonly kind = "process";
  readonly lacks: readonly string[] = ["it runs functions, not processes: no limit is kept"];
  /** Bytes that each pod sent and was sent, as a test has it. */
  readonly traffic = new Map<string, { egressBytes: number; ingressBytes: number }>();
  /** What was asked of it, in order. */
  readonly asked: string[] = [];
  readonly #clock: Clock;
  readonly #disk: MemoryDisk;
  readonly #program: (image: Uint8Array) => Program;
  readonly #running = new Map<string, Running>();

  constructor(options: {
    readonly clock: Clock;
    readonly disk: MemoryDisk;
    readonly program: (image: Uint8Array) => Program;
  }) {
    this.#clock = options.clock;
    this.#disk = options.disk;
    this.#program = options.program;
  }

  async apply(wanted: WantedPod): Promise<void> {
    const { name, pod } = wanted;
    this.asked.push(`apply ${pod.name}`);
    const before = this.#running.get(name);
    if (before !== undefined && sameAs(before.wanted, wanted)) return;
    await this.#start(wanted);
    this.#running.set(name, { wanted, startedAtMs: this.#clock.now(), restarts: 0 });
  }

  async restart(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (running === undefined) return;
    await this.#start(running.wanted);
    this.#running.set(name, { ...running, startedAtMs: this.#clock.now(), restarts: running.restarts + 1 });
  }

  async stop(name: string): Promise<void> {
    if (this.#running.delete(name)) this.asked.push("stop");
  }

  async removeVolumes(name: string, volumes: readonly string[]): Promise<void> {
    this.asked.push("removeVolumes");
    for (const volume of volumes) delete this.#disk.volumes.get(name)?.[volume];
  }

  async remove(name: string): Promise<void> {
    this.asked.push("remove");
    this.#running.delete(name);
    this.#disk.volumes.delete(name);
    this.#disk.lines.delete(name);
  }

  async names(): Promise<readonly string[]> {
    return [...new Set([...this.#running.keys(), ...this.#disk.volumes.keys()])];
  }

  look(name: string) {
    const running = this.#running.get(name);
    if (running === undefined) return undefined;
    const { pod } = running.wanted;
    return {
      copies: pod.containers.flatMap((one) => copiesOf(pod, running, one.name)),
      isWell: true,
      ports: pod.containers.flatMap(({ name: container, ports }) =>
        ports.map(({ port, protocol }) => ({ container, port, protocol, at: [{ host: name, port }] })),
      ),
    };
  }

  async usage(name: string) {
    const running = this.#running.get(name);
    if (running === undefined) return undefined;
    const { egressBytes, ingressBytes } = this.traffic.get(name) ?? { egressBytes: undefined, ingressBytes: undefined };
    const cpuMs = this.#clock.now() - running.startedAtMs;
    return {
      atMs: this.#clock.monotonic(),
      cpuMs,
      memoryBytes: 1_000_000,
      storageBytes: 0,
      copies: running.wanted.pod.replicas,
      egressBytes,
      ingressBytes,
    };
  }

  async *lines(name: string) {
    yield* this.#disk.lines.get(name) ?? [];
  }

  async close(): Promise<void> {
    this.#running.clear();
  }

  /** Ends a pod's processes, as a crash that the runtime does not mend. */
  crash(name: string): void {
    this.#running.delete(name);
  }

  async #start({ name, pod, images, secrets }: WantedPod): Promise<void> {
    const volumes = this.#disk.volumes.get(name) ?? {};
    for (const volume of pod.volumes) volumes[volume.name] ??= new Map();
    this.#disk.volumes.set(name, volumes);
    const lines = this.#disk.lines.get(name) ?? [];
    this.#disk.lines.set(name, lines);
    for (const { name: container, env, mounts } of pod.containers) {
      const image = images[container];
      if (image === undefined) throw new OrreryError("invalid_argument", `Cannot start ${container}: it has no image`);
      const say = (text: string) =>
        void lines.push({ atMs: this.#clock.now(), container, copy: 0, stream: "stdout", text });
      const own = mounts.filter(({ kind }) => kind === "secret").map((one) => [one.name, secrets[one.name]] as const);
      try {
        const given = Object.fromEntries(own) as Record<string, Uint8Array>;
        this.#program(await image.read())({ env, volumes, say, image: image.digest, secrets: given });
      } catch (cause) {
        const why = (cause as Error).message;
        throw new OrreryError("failed_precondition", `Cannot start container "${container}": ${why}`, { cause });
      }
    }
  }
}

function copiesOf({ replicas }: Pod, { startedAtMs, restarts }: Running, container: string): readonly RunningCopy[] {
  return Array.from({ length: replicas }, (_, copy) => ({
    ...{ container, copy, state: "running", restarts, lastEnd: undefined, startedAtMs },
  }));
}

function sameAs(one: WantedPod, other: WantedPod): boolean {
  const facts = ({ pod, images }: WantedPod) =>
    stableText({ pod, images: Object.entries(images).map(([name, { digest }]) => [name, digest]) });
  return facts(one) === facts(other);
}
