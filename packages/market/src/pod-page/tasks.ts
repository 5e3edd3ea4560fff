import { isOrreryError, OrreryError } from "@orrery/core";
import { TASK_STEPS_MAX, TASKS_KEPT_MAX, TASKS_LARGE_MAX, TASKS_RUNNING_MAX } from "./limits.ts";

/** How something stands that takes its time. */
export type TaskState<T> =
  | { readonly kind: "going" }
  | { readonly kind: "done"; readonly outcome: T }
  | { readonly kind: "failed"; readonly why: string; readonly isDefinite: boolean };

/** Something that takes its time. */
export interface Task<T> {
  readonly id: string;
  /** What is done, for people. */
  readonly title: string;
  /** Where one goes back to. */
  readonly back: string;
  /** Whether it moves money or changes what runs. */
  readonly isAct: boolean;
  readonly steps: readonly string[];
  readonly state: TaskState<T>;
  /** The task that was begun by its outcome: it is begun once. */
  readonly next: string | undefined;
}

/** What a task is. */
export interface TaskWish<T> {
  readonly title: string;
  readonly back: string;
  /** Whether it moves money or changes what runs: those are done one after another. */
  readonly isAct: boolean;
  readonly work: (tell: (step: string) => void) => Promise<T>;
}

/** What is under way, and what came of what was. I1: acts are done one after another. I2: what an outcome leads to is begun once, however often it is asked for. */
export interface Tasks<T> {
  /** @throws OrreryError `resource_exhausted` where too many are under way */
  start(wish: TaskWish<T>): Task<T>;
  /** Starts what the outcome of a task leads to; the same again gives the task that was started. @throws OrreryError `failed_precondition` where that is not kept any more */
  goOn(before: Task<T>, wish: TaskWish<T>): Task<T>;
  find(id: string): Task<T> | undefined;
  /** Those that are under way. */
  going(): readonly Task<T>[];
  /** Waits until none is under way. */
  settled(): Promise<void>;
}

type Kept<T> = { -readonly [K in keyof Task<T>]: Task<T>[K] } & { steps: string[]; done: Promise<void> };

/** Makes one with nothing under way. @param isLarge which outcomes hold much, so that few are kept. Default: none */
export function createTasks<T>(isLarge: (outcome: T) => boolean = () => false): Tasks<T> {
  const kept = new Map<string, Kept<T>>();
  let acts: Promise<unknown> = Promise.resolve();
  let count = 0;
  const going = () => [...kept.values()].filter(({ state }) => state.kind === "going");
  const start: Tasks<T>["start"] = ({ title, back, isAct, work }) => {
    if (going().length >= TASKS_RUNNING_MAX)
      throw new OrreryError(
        "resource_exhausted",
        `Cannot begin "${title}": ${TASKS_RUNNING_MAX} things are under way, wait for one`,
      );
    const task: Kept<T> = {
      ...{ id: String(++count), title, back, isAct, steps: [], state: { kind: "going" }, next: undefined },
      done: Promise.resolve(),
    };
    const tell = (step: string) => {
      if (step !== "" && task.steps.length < TASK_STEPS_MAX) task.steps.push(step);
    };
    const before = isAct ? acts : Promise.resolve(); // I1
    task.done = before
      .then(() => work(tell))
      .then(
        (outcome) => {
          task.state = { kind: "done", outcome };
          const large = [...kept.values()].filter(({ state }) => state.kind === "done" && isLarge(state.outcome));
          for (const { id } of large.slice(0, -TASKS_LARGE_MAX)) kept.delete(id);
        },
        (error: unknown) => {
          task.state = failedBy(error);
        },
      );
    if (isAct) acts = task.done;
    kept.set(task.id, task);
    for (const [id, { state }] of kept) {
      if (kept.size <= TASKS_KEPT_MAX) break;
      if (state.kind !== "going") kept.delete(id);
    }
    return task;
  };
  return {
    start,
    goOn: (before, wish) => {
      const known = kept.get(before.id);
      if (known?.next !== undefined) {
        const begun = kept.get(known.next); // I2
        if (begun !== undefined) return begun;
        throw new OrreryError("failed_precondition", `Cannot begin "${wish.title}": it was begun before`);
      }
      const task = start(wish);
      if (known !== undefined) known.next = task.id;
      return task;
    },
    find: (id) => kept.get(id),
    going,
    settled: async () => void (await Promise.all([...kept.values()].map(({ done }) => done))),
  };
}

function failedBy(error: unknown): Extract<TaskState<never>, { kind: "failed" }> {
  const why = error instanceof Error ? error.message : String(error);
  return { kind: "failed", why, isDefinite: !isOrreryError(error) || error.definite };
}
