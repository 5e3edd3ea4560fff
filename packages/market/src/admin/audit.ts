/** One thing that somebody did, or tried, as an operator. */
export interface AdminAct {
  /** Ms since 1970. */
  readonly atMs: number;
  /** Who: `operator`, or an add-on by its name. */
  readonly who: string;
  /** Such as `pause`, or `read secrets of 0x12…`. */
  readonly what: string;
  readonly outcome: "done" | "refused" | "failed";
}

/** Keeps what operators did. */
export interface AdminAudit {
  /** Keeps an act before it is answered. */
  append(act: AdminAct): Promise<void>;
  /** The newest, first. */
  newest(): readonly AdminAct[];
}
