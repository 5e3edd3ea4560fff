/** Names of the errors of the contract, by which model and chain are compared. */
export type Refusal =
  | "WrongState"
  | "NotYours"
  | "BadSignature"
  | "BadTerms"
  | "Expired"
  | "TooEarly"
  | "TooLate"
  | "Overclaim"
  | "Stale"
  | "BadBeat"
  | "BadWindow"
  | "AlreadyChallenged"
  | "NotChallenged"
  | "NothingToDo"
  | "InsufficientBalance"
  | "InsufficientStake"
  | "InsufficientAllowance"
  | "StillUnbonding"
  | "BadUrl"
  | "NotRegistered"
  | "ERC20InsufficientBalance"
  | "ERC20InsufficientAllowance";

/** The contract refuses a call: nothing has changed by it. */
export class LeaseRefused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(`The contract refuses it: ${refusal}`);
    this.name = "LeaseRefused";
    this.refusal = refusal;
  }
}

/** Refuses. @throws LeaseRefused where it is so */
export function refuseIf(isSo: boolean, refusal: Refusal): void {
  if (isSo) throw new LeaseRefused(refusal);
}
