import type { Subject } from "./subject.ts";

/** How many operations a second one kind of work makes. */
export interface Work {
  readonly name: string;
  readonly lanes: number;
  readonly run: (subject: Subject, round: number) => Promise<number>;
}

/** All lanes together do so many of something. Gives how many a second. */
async function perSecond(count: number, lanes: number, one: (n: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (count * 1_000) / (performance.now() - began);
}

const CHILDREN = 100;

/** Resources that reading and updating look at. */
export async function prepare(subject: Subject): Promise<void> {
  await subject.create("bench.test:many");
  for (let n = 0; n < CHILDREN; n++) await subject.create(`bench.test:many:b${n}`);
}

function creates(lanes: number, count: number): Work {
  const run = (subject: Subject, round: number) =>
    perSecond(count, lanes, (n) => subject.create(`bench.test:c${lanes}-${round}-${n}`));
  return { name: "create", lanes, run };
}

function gets(lanes: number, count: number): Work {
  return {
    name: "get by address",
    lanes,
    run: (subject) => perSecond(count, lanes, (n) => subject.get(`bench.test:many:b${n % CHILDREN}`)),
  };
}

function lists(lanes: number, count: number): Work {
  return {
    name: "list 100 children",
    lanes,
    run: (subject) => perSecond(count, lanes, () => subject.list("bench.test:many")),
  };
}

/** Every update must come to a watcher before it counts. */
function updates(lanes: number, count: number): Work {
  const run = async (subject: Subject, round: number) => {
    const revisions = await Promise.all(
      Array.from({ length: CHILDREN }, (_, n) => subject.get(`bench.test:many:b${n}`)),
    );
    const lanesBusy = new Set<number>();
    let seen = 0;
    let all = () => {};
    const allSeen = new Promise<void>((resolve) => {
      all = resolve;
    });
    const stop = subject.watch(() => {
      if (++seen === count) all();
    });
    const began = performance.now();
    await perSecond(count, lanes, async (n) => {
      let at = n % CHILDREN;
      while (lanesBusy.has(at)) at = (at + 1) % CHILDREN;
      lanesBusy.add(at);
      revisions[at] = await subject.update(`bench.test:many:b${at}`, `t${lanes}-${round}-${n}`, revisions[at] ?? 0);
      lanesBusy.delete(at);
    });
    await allSeen;
    stop();
    return (count * 1_000) / (performance.now() - began);
  };
  return { name: "update if unchanged, and be told", lanes, run };
}

/** All kinds of work; `scale` of 1 is a full run. */
export function works(scale: number): readonly Work[] {
  const count = (full: number) => Math.max(20, Math.round(full * scale));
  return [
    creates(1, count(300)),
    creates(64, count(2_000)),
    gets(1, count(3_000)),
    gets(64, count(10_000)),
    lists(1, count(300)),
    updates(1, count(300)),
    updates(64, count(2_000)),
  ];
}
