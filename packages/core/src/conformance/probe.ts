import type { Clock } from "../clock.ts";
import { type Component, type ComponentOptions, defineComponent } from "../component.ts";
import { defineService } from "../contract-schema.ts";
import { bytes, json } from "../json-body.ts";
import { type JsonValue, OrreryError } from "../orrery-error.ts";
import { createRecorder, type Recorder } from "./recorder.ts";

/** Service by which the suite looks at calls from the other end. */
export const Probe = defineService("conformance.probe", {
  echo: { request: bytes, reply: bytes },
  say: { request: json<JsonValue>(), reply: json<JsonValue>() },
  fail: { request: json<{ text: string }>(), reply: json<null>() },
  hold: { request: json<string>(), reply: json<string>() },
  facts: { request: json<null>(), reply: json<Record<string, JsonValue>>() },
  note: { mode: "async", request: json<string>() },
  tell: { mode: "broadcast", request: json<string>() },
  count: { mode: "stream", request: json<{ to: number; failAt?: number }>(), reply: json<number>() },
});

/** Something that a probe's handler did. */
export interface ProbeEvent {
  readonly what: "hold" | "held" | "abort" | "note" | "tell" | "item" | "ended" | "say";
  readonly value: JsonValue;
  readonly instance: string;
}

/** A probe that runs or is about to. */
export interface ProbeScene {
  readonly component: Component;
  readonly events: Recorder<ProbeEvent>;
  /** Lets everything that `hold` holds, and will hold, go. */
  release(): void;
}

/** Makes a probe. `hold` answers once it is released, also when its caller has given up; `note` waits for that too. */
export function createProbe(clock: Clock, options: ComponentOptions = {}): ProbeScene {
  const events = createRecorder<ProbeEvent>(clock, "events of the probe");
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const component = defineComponent(
    Probe,
    (instance) => {
      const record = (what: ProbeEvent["what"], value: JsonValue) =>
        events.push({ what, value, instance: instance.id });
      return {
        echo: (request) => request,
        say(request) {
          record("say", request);
          if (Array.isArray(request)) request.push("seen by the handler"); // Nobody else may see this.
          return request;
        },
        fail({ text }) {
          throw new OrreryError("not_found", text, { details: { text } });
        },
        async hold(name, { signal }) {
          record("hold", name);
          await new Promise<void>((resolve) => {
            signal.addEventListener("abort", () => resolve(), { once: true });
            void gate.then(resolve);
          });
          record(signal.aborted ? "abort" : "held", name);
          await gate; // So that it is the caller's time that ends a call, and never an answer at the same moment.
          return name;
        },
        facts: (_request, { deadline, flow, trace, agent, source, idempotencyKey, attempt, clock: { monotonic } }) => ({
          leftMs: deadline - monotonic(),
          flow: { ...flow },
          trace: trace === undefined ? null : [...trace.traceId, ...trace.spanId, trace.flags],
          agent,
          source: { ...source },
          idempotencyKey,
          attempt,
        }),
        async note(text) {
          await gate;
          record("note", text);
        },
        tell: (text) => record("tell", text),
        async *count({ to, failAt }) {
          try {
            for (let number = 1; number <= to; number++) {
              if (number === failAt) throw new OrreryError("aborted", `Cannot count to ${to}: stopped at ${number}`);
              record("item", number);
              yield number;
            }
          } finally {
            record("ended", to);
          }
        },
      };
    },
    options,
  );
  return { component, events, release: () => open() };
}
