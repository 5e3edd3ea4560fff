/** How a shared clock stands: on its way, held, with nothing left to happen, at its end, or broken. */
export type ClockState = "running" | "paused" | "idle" | "ended" | "failed";

/** Where one member stands. */
export interface MemberStatus {
  readonly member: number;
  readonly nodes: readonly string[];
  readonly events: number;
  /** Tick of its next event, in ms since the world began; undefined for none. */
  readonly nextMs: number | undefined;
  /** Its last event, for people. */
  readonly last: string;
  /** Nodes whose `run` is under way. */
  readonly busy: readonly string[];
}

/** How a shared clock stands. */
export interface ClockStatus {
  readonly state: ClockState;
  /** Virtual time since the world began, in ms: that of the last event anywhere. */
  readonly elapsedMs: number;
  /** Time of the next event anywhere; undefined for none. */
  readonly nextMs: number | undefined;
  readonly events: number;
  /** Windows that all members have run. */
  readonly windows: number;
  /** The event that was waited for; empty for none. */
  readonly matched: string;
  /** What broke it; empty for nothing. */
  readonly failure: string;
  readonly members: readonly MemberStatus[];
}

/** What comes of a run. */
export interface ClockResult extends ClockStatus {
  /** Hash over all that happened: the same in each layout of the same run. Of what could be asked, where a member is gone. */
  readonly hash: string;
  /** Whether every member could be asked. */
  readonly isWhole: boolean;
}
