import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** How the cards of the server's customers do. */
export type CardMood = "good" | "no_funds" | "needs_action" | "no_answer";

/** A PaymentIntent as the API has it, as far as it is used. */
interface Intent {
  readonly id: string;
  readonly object: "payment_intent";
  readonly amount: number;
  readonly currency: string;
  readonly customer: string;
  readonly metadata: Readonly<Record<string, string>>;
  status: string;
  last_payment_error: { readonly message: string } | null;
}

/** A server that speaks the part of Stripe's API that is used, with its idempotency keys: in the shapes of the SDK's types. */
export interface StripeServer extends AsyncDisposable {
  readonly url: URL;
  /** What cards do from now on. */
  mood: CardMood;
  /** Whether customers have named a card. */
  hasCard: boolean;
  readonly intents: readonly Intent[];
  readonly refunds: readonly { readonly payment_intent: string; readonly amount: number }[];
  /** Forgets idempotency keys, as Stripe does after a day. */
  forgetKeys(): void;
}

type Form = Readonly<Record<string, string>>;
type Answer = { readonly status: number; readonly body: unknown } | "no answer";

/** Starts it on a free port of this host. */
export async function startStripeServer(): Promise<StripeServer> {
  const state = { mood: "good" as CardMood, hasCard: true };
  const intents: Intent[] = [];
  const refunds: { id: string; payment_intent: string; amount: number; metadata: Record<string, string> }[] = [];
  const answers = new Map<string, Answer>();
  const list = (data: readonly unknown[]): Answer => ok({ object: "list", data, has_more: false, url: "/" });
  const routes: readonly (readonly [RegExp, (match: string, form: Form) => Answer])[] = [
    [/^POST \/v1\/customers$/, (_, form) => ok({ id: `cus_${form["metadata[space]"]}`, object: "customer" })],
    [/^GET \/v1\/customers\/([^/]+)\/payment_methods$/, () => list(state.hasCard ? [{ id: "pm_1" }] : [])],
    [
      /^POST \/v1\/checkout\/sessions$/,
      (_, form) => ok({ id: "cs_1", url: `https://pay.example/${form["customer"]}` }),
    ],
    [/^GET \/v1\/payment_intents$/, (_, form) => list(intents.filter(({ customer }) => customer === form["customer"]))],
    [
      /^POST \/v1\/payment_intents$/,
      (_, form) => {
        const intent = newIntent(`pi_${intents.length + 1}`, form);
        intents.push(intent);
        return ok(intent);
      },
    ],
    [
      /^POST \/v1\/payment_intents\/([^/]+)\/confirm$/,
      (id) =>
        confirm(
          intents.find((one) => one.id === id),
          state.mood,
        ),
    ],
    [
      /^POST \/v1\/payment_intents\/([^/]+)\/cancel$/,
      (id) => {
        const intent = intents.find((one) => one.id === id);
        if (intent === undefined || intent.status === "succeeded")
          return failed(400, "payment_intent_unexpected_state");
        intent.status = "canceled";
        return ok(intent);
      },
    ],
    [/^GET \/v1\/refunds$/, (_, form) => list(refunds.filter((one) => one.payment_intent === form["payment_intent"]))],
    [
      /^POST \/v1\/refunds$/,
      (_, form) => {
        const { payment_intent = "", amount } = form;
        const metadata = { key: form["metadata[key]"] ?? "" };
        refunds.push({ id: `re_${refunds.length + 1}`, payment_intent, amount: Number(amount), metadata });
        return ok(refunds.at(-1));
      },
    ],
  ];
  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? "/", "http://stripe.test");
    const form = {
      ...Object.fromEntries(url.searchParams),
      ...Object.fromEntries(new URLSearchParams(await text(request))),
    };
    const key = request.headers["idempotency-key"];
    const known = typeof key === "string" ? answers.get(key) : undefined;
    if (known !== undefined) return known;
    for (const [pattern, run] of routes) {
      const match = pattern.exec(`${request.method} ${url.pathname}`);
      if (match === null) continue;
      const given = run(match[1] ?? "", form);
      if (typeof key === "string" && given !== "no answer") answers.set(key, given);
      return given;
    }
    return failed(404, "resource_missing");
  };
  const server = createServer(async (request, response) => {
    const given = await answer(request);
    if (given === "no answer") return void request.socket.destroy();
    response.writeHead(given.status, { "content-type": "application/json" }).end(JSON.stringify(given.body));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return Object.assign(state, {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    intents,
    refunds,
    forgetKeys: () => answers.clear(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  });
}

function newIntent(id: string, { amount, currency = "usd", customer = "", ...rest }: Form): Intent {
  const metadata = { invoice: rest["metadata[invoice]"] ?? "" };
  const fresh = { status: "requires_payment_method", last_payment_error: null };
  return { id, object: "payment_intent", amount: Number(amount), currency, customer, metadata, ...fresh };
}

function confirm(intent: Intent | undefined, mood: CardMood): Answer {
  if (intent === undefined || !intent.status.startsWith("requires_"))
    return failed(400, "payment_intent_unexpected_state");
  if (mood === "no_funds") {
    const message = "Your card has insufficient funds.";
    Object.assign(intent, { status: "requires_payment_method", last_payment_error: { message } });
    const error = { type: "card_error", code: "card_declined", message, payment_intent: intent };
    return { status: 402, body: { error } };
  }
  intent.status = mood === "needs_action" ? "requires_action" : "succeeded";
  return mood === "no_answer" ? "no answer" : ok(intent);
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}

function failed(status: number, code: string): Answer {
  return { status, body: { error: { type: "invalid_request_error", code, message: code } } };
}
