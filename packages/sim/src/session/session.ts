import type { Tape } from "../chance/tape.ts";
import type { Failure } from "../explore/failure.ts";
import type { Scenario } from "../explore/scenario.ts";
import type { World } from "../world/world.ts";
import { complete } from "./complete.ts";
import { LiveSession } from "./live-session.ts";

/** Options of a session. */
export interface SessionOptions {
  /** Default: that of the tape, or 1. */
  readonly seed?: number;
  /** What is to go as in an earlier run. */
  readonly tape?: Tape;
  /** Takes what `save` writes: lines for `name`. Default: nothing can be saved. */
  readonly onSave?: (name: string, lines: Iterable<string>) => Promise<void> | void;
}

/**
 * One run of a scenario that somebody steps through by hand, line by line as one types: `step`, `until 120 ms`, `inject crash store`, `look`,
 * `back 3`, and what `help` lists. The run goes exactly as when the same is done by the API of a world, to the same trace hash.
 */
export interface Session extends AsyncDisposable {
  /** World of the run; another one after going back. */
  readonly world: World;
  /** How the run ended; undefined while it goes on. */
  readonly ended: { readonly failure: Failure | undefined } | undefined;
  /** True after `quit`. */
  readonly isOver: boolean;
  /** Does a line and gives what there is to say. @throws OrreryError `invalid_argument` for one that cannot be done; nothing has changed then. */
  type(line: string): Promise<readonly string[]>;
  /** What may stand in the place of the last word of a line. */
  complete(line: string): readonly string[];
  /** Lets what runs stop before its next event. */
  interrupt(): void;
}

/**
 * Starts a session: its run stands before the first event.
 * @example
 * await using session = await startSession(scenario, { seed: 7 });
 * for (const line of ["until message till.pay", "inject crash till", "run"]) console.log((await session.type(line)).join("\n"));
 */
export async function startSession<It>(scenario: Scenario<It>, options: SessionOptions = {}): Promise<Session> {
  const live = new LiveSession(scenario as Scenario, options);
  await live.begin();
  return {
    get world() {
      return live.world;
    },
    get ended() {
      return live.ended;
    },
    get isOver() {
      return live.isOver;
    },
    type: (line) => live.type(line),
    complete: (line) => complete(line, live.world),
    interrupt: () => live.interrupt(),
    [Symbol.asyncDispose]: () => live.end(),
  };
}
