import { type Abi, decodeErrorResult, type Hex, parseAbi } from "viem";
import { Leases, ProviderRegistry } from "../gen/contracts.ts";
import type { Refusal } from "../lease/lease-error.ts";
import { LEASE_STATES } from "../lease/lease-state.ts";
import { sayTime } from "../say-time.ts";

/** Errors of the parts that the contracts stand on, which are in no interface of theirs. */
const OF_PARTS = [
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error SafeERC20FailedOperation(address token)",
  "error ReentrancyGuardReentrantCall()",
  "error SafeCastOverflowedUintDowncast(uint8 bits, uint256 value)",
  "error ECDSAInvalidSignature()",
  "error ECDSAInvalidSignatureLength(uint256 length)",
  "error ECDSAInvalidSignatureS(bytes32 s)",
  "error Error(string why)",
  "error Panic(uint256 code)",
];

let known: Abi | undefined;

/** All errors that can come; made when the first one does, since most commands meet none. */
function errors(): Abi {
  known ??= [...Leases.abi, ...ProviderRegistry.abi, ...parseAbi(OF_PARTS)].filter(({ type }) => type === "error");
  return known;
}

type Reason = Refusal | "SafeERC20FailedOperation" | "UnfaithfulToken";

/** Why each is refused, from what the chain says with it; where that is not known, what is always true. */
const REASONS: Readonly<Record<Reason, (args: readonly unknown[]) => string>> = {
  WrongState: ([, state]) => `it is ${state === undefined ? "not at that stage" : LEASE_STATES[Number(state)]}`,
  NotYours: () => "this account is not the one that may",
  BadSignature: ([what]) => `the signature of the ${what ?? "message"} is not of whom it must be`,
  BadTerms: ([field]) => `its terms are bad${field === undefined ? "" : `: ${field}`}`,
  Expired: ([since]) => `the quote was good ${when("until", since)}; ask for another`,
  TooEarly: ([until]) => `it is too early, it can be done ${when("after", until)}`,
  TooLate: ([since]) => `it is too late, it could be done ${when("until", since)}`,
  Overclaim: ([total, most]) => `${total ?? "it"} is more than the ${most ?? "sum"} that is proven or agreed to`,
  Stale: ([total, had]) => `a total of ${total ?? "so much"} brings nothing: ${had ?? "as much"} was paid already`,
  BadBeat: ([why]) => `the beat is no proof: ${why ?? "it does not fit what is known"}`,
  BadWindow: ([from, to]) => `the window ${when("from", from)}, ${when("to", to)}, is not one that can be told now`,
  AlreadyChallenged: () => "a challenge is open; wait for its answer, or its end",
  NotChallenged: () => "no challenge is open",
  NothingToDo: () => "it would change nothing",
  InsufficientBalance: ([, has, needs]) =>
    `the account has ${has ?? "less"} and needs ${needs ?? "more"}; deposit more`,
  InsufficientStake: ([, free, needs]) =>
    `${free ?? "less"} of the stake is free, ${needs ?? "more"} is needed; stake more`,
  InsufficientAllowance: () => "what the payer allowed this agent does not cover it, or has ended",
  StillUnbonding: ([until]) => `the stake leaves ${when("at", until)}`,
  UnfaithfulToken: ([received, sent]) => `the token brought ${received} of ${sent}: it takes a fee`,
  BadUrl: ([bytes]) => `an address has 1 to 256 bytes${bytes === undefined ? "" : `, this one ${bytes}`}`,
  NotRegistered: () => "it is not registered",
  ERC20InsufficientBalance: ([, has, needs]) =>
    `the wallet has ${has ?? "less"} of the token and needs ${needs ?? "more"}`,
  ERC20InsufficientAllowance: ([, may, needs]) =>
    `the contract may pull ${may ?? "less"} and needs ${needs ?? "more"}; approve it first`,
  SafeERC20FailedOperation: () => "the token refuses the transfer",
};

/** A refusal by its name, and in a sentence. */
export interface RefusalText {
  readonly refusal: string;
  readonly message: string;
}

/** Says why a call is refused: `Cannot settle lease 0x12345678…: it is too early, it can be done after 2033-05-18T03:33:20Z`. */
export function sayRefusal(call: string, refusal: string, args: readonly unknown[] = []): RefusalText {
  const reason =
    REASONS[refusal as Reason]?.(args) ?? `the chain says ${refusal}${args.length > 0 ? ` (${args.join(", ")})` : ""}`;
  return { refusal, message: `Cannot ${call}: ${reason}` };
}

/** Reads what a contract gave with a refusal. */
export function readRefusal(call: string, data: Hex): RefusalText {
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: errors(), data });
    return sayRefusal(call, errorName, args as readonly unknown[]);
  } catch {
    return sayRefusal(call, data === "0x" ? "no reason" : data.slice(0, 10));
  }
}

function when(word: string, seconds: unknown): string {
  if (seconds === undefined) return `${word} a time that the chain has`;
  return `${word} ${sayTime(Number(seconds))}`;
}
