import { Phase } from "../order/event-key.ts";
import type { Scheduler } from "../order/scheduler.ts";
import type { HostedNode, ModelNodeOptions } from "./model-node.ts";

type Script = NonNullable<ModelNodeOptions["run"]>;

/** What nodes do by themselves. Owns: which of them have begun and not ended. I1: a life that is over has no script under way. */
export interface Scripts {
  add(node: HostedNode, script: Script | undefined): void;
  /** Begins a node's script once it has started. */
  begin(node: HostedNode, started: Promise<void>): void;
  /** Ends when none is under way. @throws what the first that failed threw. */
  ended(): Promise<void>;
  /** Nodes whose script is under way. */
  readonly nodes: readonly string[];
  /** What the first that failed threw. */
  readonly failure: { readonly error: unknown } | undefined;
}

/** Makes a table of scripts. */
export function createScripts(scheduler: Scheduler): Scripts {
  return new ScriptTable(scheduler);
}

interface Running {
  /** Node and the number of its life. */
  readonly node: HostedNode;
  readonly incarnation: number;
}

class ScriptTable implements Scripts {
  readonly #scheduler: Scheduler;
  readonly #scripts = new Map<HostedNode, Script>();
  readonly #running = new Set<Running>();
  failure: { readonly error: unknown } | undefined;
  #waiting: (() => void)[] = [];

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  add(node: HostedNode, script: Script | undefined): void {
    if (script !== undefined) this.#scripts.set(node, script);
  }

  begin(node: HostedNode, started: Promise<void>): void {
    const script = this.#scripts.get(node);
    const running = { node, incarnation: node.life.incarnation };
    const run = script === undefined ? started : started.then(() => this.#enter(running, script));
    this.#running.add(running);
    run.then(
      () => this.#end(running),
      (error: unknown) => {
        if (!isOver(running)) this.failure ??= { error };
        this.#end(running);
      },
    );
  }

  get nodes(): readonly string[] {
    const running = [...this.#running].filter((script) => !isOver(script));
    return [...new Set(running.map(({ node }) => node.name))];
  }

  async ended(): Promise<void> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure.error;
      if (this.#isIdle()) return;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** A script begins as an event of its node, so that what it does has that node's order. */
  #enter(running: Running, script: Script): Promise<void> {
    const { node } = running;
    const { number } = node.place;
    return new Promise((resolve, reject) => {
      const run = () => void (isOver(running) ? resolve() : Promise.try(script, node).then(resolve, reject)); // I1
      this.#scheduler.after(0, { phase: Phase.test, target: number, origin: number, note: "run", run });
    });
  }

  #end(running: Running): void {
    this.#running.delete(running);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Whether no script of a life that goes on is running. Looks no further than to the first: there may be one for each of many nodes. */
  #isIdle(): boolean {
    for (const running of this.#running) {
      if (!isOver(running)) return false;
      this.#running.delete(running); // I1
    }
    return true;
  }
}

/** Whether the life that a script is of has ended. */
function isOver({ node, incarnation }: Running): boolean {
  return !node.alive || node.life.incarnation !== incarnation;
}
