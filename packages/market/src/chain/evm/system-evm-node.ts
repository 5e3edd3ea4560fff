import { type Hex, http, RpcRequestError } from "viem";
import { type EvmNode, NodeRefused } from "./evm-node.ts";

/** Where a node is, and how long an answer may take. */
export interface EvmNodeOptions {
  /** Of its JSON-RPC; it may hold a key, so that it is in no error. */
  readonly url: string;
  /** Default: 10 s. */
  readonly timeoutMs?: number;
}

/** A node over HTTP. What is asked in one turn goes in one request. */
export function createEvmNode({ url, timeoutMs = 10_000 }: EvmNodeOptions): EvmNode {
  const { request } = http(url, { retryCount: 0, timeout: timeoutMs, batch: { batchSize: 100, wait: 0 } })({});
  return {
    ask: async (method, params) => {
      try {
        return await request({ method, params } as never);
      } catch (error) {
        if (error instanceof RpcRequestError) throw new NodeRefused(error.details, dataOf(error.data));
        throw error;
      }
    },
  };
}

function dataOf(data: unknown): Hex | undefined {
  return typeof data === "string" && data.startsWith("0x") ? (data as Hex) : undefined;
}
