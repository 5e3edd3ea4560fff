import type { Clock } from "@orrery/core";
import { ASKS_OPEN_MAX } from "./limits.ts";
import type { ReplicaAnswer, ReplicaAsk } from "./replica.ts";

/** Asks one member. Rejects where there is no answer: then nobody knows what it has done. */
export type AskMember = (index: number, ask: ReplicaAsk) => Promise<ReplicaAnswer>;

/** Answers by member; undefined of those that have not answered, or not yet. */
export type Answers = readonly (ReplicaAnswer | undefined)[];

/** Asks all members at once. Owns: how much each was asked and has not answered. */
export interface Ballot {
  /** More than half of the members. */
  readonly majority: number;
  /** The largest epoch that any answer has told of. */
  readonly seen: number;
  /** The largest epoch of which a state was told of. */
  readonly reigning: number;
  /**
   * Asks each member something. Resolves once `isEnough`, or all have answered or failed.
   */
  ask(asks: (index: number) => Promise<ReplicaAnswer>, isEnough: (answers: Answers) => boolean): Promise<Answers>;
  /** Asks one member. */
  askOne: AskMember;
  /** When a member answered last, on the monotonic clock; for ever ago where it never has. */
  heardAtMs(index: number): number;
  /** Notes what is known from elsewhere. */
  learn(known: { readonly seen?: number; readonly reigning?: number }): void;
}

/** Makes a ballot over members that are asked by a function. */
export function createBallot(count: number, clock: Pick<Clock, "monotonic">, ask: AskMember): Ballot {
  const heard = Array.from({ length: count }, () => Number.NEGATIVE_INFINITY);
  const open = Array.from({ length: count }, () => 0);
  let seen = 0;
  let reigning = 0;
  const learn: Ballot["learn"] = (known) => {
    seen = Math.max(seen, known.seen ?? 0, known.reigning ?? 0);
    reigning = Math.max(reigning, known.reigning ?? 0);
  };
  const askOne: AskMember = async (index, what) => {
    if ((open[index] ?? 0) >= ASKS_OPEN_MAX) throw new Error(`member ${index} has ${ASKS_OPEN_MAX} to answer`);
    open[index] = (open[index] ?? 0) + 1;
    try {
      const answer = await ask(index, what);
      heard[index] = clock.monotonic();
      learn({ seen: answer.promised, reigning: answer.position.epoch });
      return answer;
    } finally {
      open[index] = (open[index] ?? 0) - 1;
    }
  };
  return {
    majority: Math.floor(count / 2) + 1,
    get seen() {
      return seen;
    },
    get reigning() {
      return reigning;
    },
    learn,
    askOne,
    heardAtMs: (index) => heard[index] ?? Number.NEGATIVE_INFINITY,
    ask(asks, isEnough) {
      const { promise, resolve } = Promise.withResolvers<Answers>();
      const answers: (ReplicaAnswer | undefined)[] = Array.from({ length: count });
      let waiting = count;
      const settle = () => {
        waiting -= 1;
        if (waiting === 0 || isEnough(answers)) resolve([...answers]);
      };
      for (let index = 0; index < count; index++) {
        asks(index)
          .then((answer) => {
            answers[index] = answer;
          })
          .catch(() => undefined) // It has no answer.
          .finally(settle);
      }
      return promise;
    },
  };
}

/** How many have done it. */
export function doneOf(answers: Answers): number {
  return answers.filter((answer) => answer?.outcome === "done").length;
}
