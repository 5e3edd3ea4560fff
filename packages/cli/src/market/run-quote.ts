import { EXIT } from "../command-error.ts";
import { marketCommand } from "./open-market.ts";
import { preparedAt } from "./provider-words.ts";
import { quoteFacts, quoteText } from "./quote-text.ts";

/** Asks for a price and for evidence, and looks at both. */
export const run = marketCommand(async (context) => {
  const { input, publisher, clock, token } = context;
  const { prepared, door: opened } = await preparedAt(context);
  using door = opened;
  const asked = await publisher.quote(prepared, door, input.text("nonce"));
  await context.tell(quoteText(asked, { token, url: door.url }), quoteFacts(asked, Math.floor(clock.now() / 1_000)));
  return asked.faults.length === 0 ? EXIT.done : EXIT.failed;
});
