/** A market on one machine, for trying: a chain with the contracts and a token of no worth, and a clock that stands still until it is moved. */
export type { LocalAccount } from "viem";
export { type BenchChain, startBenchChain } from "./bench/bench-chain.ts";
export { type BenchClock, createBenchClock } from "./bench/bench-clock.ts";
export { type AnvilMark, endAnvil } from "./bench/system-anvil.ts";
