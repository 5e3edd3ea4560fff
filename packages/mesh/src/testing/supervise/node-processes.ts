import type { JsonValue } from "@orrery/core";
import type { ModelNode } from "@orrery/sim";
import type {
  ControlledProcess,
  ProcessControl,
  ProcessRecord,
  ProcessWatch,
} from "../../supervise/process-control.ts";

/** Nodes of a world that stand for processes: each is used once, and the supervisor talks to it over the modelled network. */
export interface NodeProcesses {
  readonly control: ProcessControl;
  /** What a node runs, by its name. */
  readonly programs: Map<string, JsonValue>;
  /** Ends a process as kill -9 does. */
  kill(child: string): void;
}

/** Makes processes of nodes that are not up yet. `host` is where the supervisor is. */
export function createNodeProcesses(host: ModelNode, pool: readonly ModelNode[]): NodeProcesses {
  const free = [...pool];
  for (const node of free) node.crash();
  const programs = new Map<string, JsonValue>();
  const running = new Map<string, (signal: string) => void>();
  const spawn = (prepared: ProcessRecord, watch: ProcessWatch): ControlledProcess => {
    const pid = pool.length - free.length + 1;
    const record = { ...prepared, pid, started: `s${pid}` };
    const node = free.shift();
    let isOver = false;
    const later = (does: () => void) => void host.clock.timer(1, () => !isOver && does());
    const exit = (code: number | null, signal: string) => {
      if (isOver) return;
      isOver = true;
      node?.crash();
      host.clock.timer(1, () => watch.exit({ code, signal }));
    };
    const address = `sim://${node?.name}`;
    if (node === undefined) exit(1, "");
    else {
      programs.set(node.name, prepared.program);
      running.set(prepared.child, (signal) => exit(null, signal));
      void node.restart().then(() => later(() => watch.ready(address)));
    }
    return {
      record,
      ping: () =>
        void host.life.ping(address, { timeoutMs: 500 }).then(
          () => !isOver && watch.pong(),
          () => undefined,
        ),
      drain: (timeoutMs) => void node?.life.stop({ timeoutMs }).then(() => later(() => exit(0, ""))),
      signal: (signal) => exit(null, signal),
      measure: () => ({ debugged: false, processorMs: 0, memoryBytes: undefined }),
      release: () => undefined,
    };
  };
  return {
    programs,
    kill: (child) => running.get(child)?.("SIGKILL"),
    control: {
      prepare: (child, program) => ({ child, token: `t${free.length}`, pid: 0, started: "", program, address: "" }),
      spawn,
      find: async () => ({ kind: "gone" }),
    },
  };
}
