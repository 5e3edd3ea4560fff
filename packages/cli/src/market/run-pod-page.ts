import { openPodPage, readTokenBalance } from "@orrery/market";
import { EXIT, usageError } from "../command-error.ts";
import { parsePort } from "../parse-port.ts";
import { twoInterrupts } from "../two-interrupts.ts";
import { marketCommand } from "./open-market.ts";

/** Serves the page of a publisher until somebody ends it. */
export const run = marketCommand(async (context) => {
  const { input, terminal, market, node, token, clock, publisher, publisherWith, readTime, isJson } = context;
  const port = parsePort(input.text("port") ?? "0", "port");
  const { asked, forced } = twoInterrupts(terminal);
  const page = await openPodPage({
    ...{ publisherWith, token, clock, readTime, port, folder: terminal.cwd, providers: market.providers ?? {} },
    walletBalance: () => readTokenBalance(node, { token: market.chain.contracts.token, account: publisher.account }),
    onFault: (error) => terminal.say(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "EADDRINUSE") throw cause;
    throw usageError(`Cannot serve the page at port ${port}: it is taken, choose another by --port, or leave it out`);
  });
  const { account } = publisher;
  if (isJson)
    await terminal.write(`${JSON.stringify({ event: "ready", url: page.loginUrl, account, pid: process.pid })}\n`);
  else {
    await terminal.write(`Pods of wallet ${account}, and pod files of ${terminal.cwd}\n  ${page.loginUrl}\n`);
    terminal.say("Whoever has this link may spend the wallet's money. Ctrl-C ends the page; pods run on");
  }
  await asked;
  const going = page.going();
  if (going.length > 0) terminal.say(`Waiting for what is under way: ${going.join(", ")}. Ctrl-C again ends at once`);
  const settled = page.settled().then(() => EXIT.done);
  const exit = (await Promise.race([settled, forced])) ?? EXIT.failed;
  await page.close();
  return exit;
});
