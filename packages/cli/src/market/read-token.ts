import { type Account, type EvmNode, readTokenFacts, type TokenFacts } from "@orrery/market";
import { CommandError, EXIT } from "../command-error.ts";

/** Reads what the token of a market says of itself. @throws CommandError where the node does not answer */
export async function readToken(node: EvmNode, token: Account): Promise<TokenFacts> {
  return await readTokenFacts(node, token).catch((cause: unknown) => {
    throw new CommandError(`Cannot read token ${token}: the node of the chain does not answer`, {
      exit: EXIT.notFound,
      cause,
    });
  });
}
