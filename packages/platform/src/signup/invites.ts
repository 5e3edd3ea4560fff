/** That somebody may come in who has an address: to a Space, or to have one of his own. Moments are in ms since 1970. */
export interface Invite {
  /** Empty: he may sign up for one of his own. */
  readonly space: string;
  readonly email: string;
  /** Who invited him. */
  readonly by: string;
  readonly at: number;
  readonly until: number;
}

/** Where invites are kept. */
export interface Invites {
  get(space: string, email: string): Promise<Invite | undefined>;
  /** Keeps one, in the place of an earlier one for the same. */
  put(invite: Invite): Promise<void>;
  /** Forgets one; tells whether it was there. */
  drop(space: string, email: string): Promise<boolean>;
  /** Those to a Space, by address; `SPACE_INVITES_MAX` at most. */
  list(space: string): Promise<readonly Invite[]>;
  /** Forgets those that are over. */
  sweep(now: number): Promise<void>;
}
