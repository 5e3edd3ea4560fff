import { defineComponent, defineService, json } from "@orrery/core";
import { house, nothing, plantBug } from "./plant.ts";

const Jobs = defineService("jobs", {
  put: { request: json<{ job: number }>(), reply: nothing },
  /** Job 0 means that there is none. */
  take: { request: nothing, reply: json<{ job: number }>() },
  /** Asks to be woken by the next job. */
  wait: { request: nothing, mode: "async" },
});

const Worker = defineService("worker", {
  wake: { request: nothing, mode: "async" },
});

const jobs = (isFixed: boolean) =>
  defineComponent(Jobs, (instance) => {
    const queue: number[] = [];
    let isWaiting = false;
    const wake = () => {
      isWaiting = false;
      instance.send(Worker).wake({});
    };
    return {
      async put({ job }) {
        queue.push(job);
        if (isWaiting) wake();
        return {};
      },
      take: async () => ({ job: queue.shift() ?? 0 }),
      async wait() {
        isWaiting = true;
        if (isFixed && queue.length > 0) wake();
      },
    };
  });

const worker = (onDone: (job: number) => void) =>
  defineComponent(Worker, () => ({
    async wake(_request, context) {
      for (;;) {
        const { job } = await context.client(Jobs).take({});
        if (job === 0) break;
        await context.clock.sleep(10);
        onDone(job);
      }
      context.send(Jobs).wait({});
    },
  }));

/** A worker that empties a queue, then asks to be woken. */
export const lostWakeUp = plantBug({
  name: "lost wake-up",
  wrong: "a job comes between the last look into the queue and the wish to be woken, and nobody wakes",
  scenario: (isFixed) => ({
    world: house,
    setup(world) {
      const it = { put: 0, done: 0 };
      const onDone = () => {
        it.done++;
      };
      world.node("queue", { components: [jobs(isFixed)] });
      world.node("worker", { components: [worker(onDone)], run: (node) => void node.life.send(Jobs).wait({}) });
      world.node("client", {
        async run(node) {
          for (const [index, afterMs] of world.operations("put", 6, (draw) => draw.integer(400)).entries()) {
            await node.clock.sleep(afterMs);
            await node.life.client(Jobs).put({ job: index + 1 });
            it.put++;
          }
        },
      });
      return it;
    },
    eventually: { "every job is done": ({ put, done }) => done === put || `${done} of ${put} jobs are done` },
  }),
});
