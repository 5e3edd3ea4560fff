import type { Component } from "@orrery/core";
import type { Refusals } from "./refusals.ts";

type Handler = (request: unknown, context: unknown) => unknown;

/** Has what limits of plans refuse of what a component is asked remembered; it answers as it did. */
export function noteRefusals(component: Component, { noteError }: Pick<Refusals, "noteError">): Component {
  const factory: Component["factory"] = (instance) => {
    const handlers = component.factory(instance) as Readonly<Record<string, Handler>>;
    return Object.fromEntries(
      Object.entries(handlers).map(([method, handler]) => [method, noting(handler, noteError)]),
    );
  };
  return Object.freeze({ ...component, factory });
}

function noting(handler: Handler, noteError: (error: unknown) => void): Handler {
  const told = (error: unknown): never => {
    noteError(error);
    throw error;
  };
  return (request, context) => {
    try {
      const answer = handler(request, context);
      if (isStream(answer)) return through(answer, told);
      return answer instanceof Promise ? answer.catch(told) : answer;
    } catch (error) {
      return told(error);
    }
  };
}

async function* through(stream: AsyncIterable<unknown>, told: (error: unknown) => never) {
  try {
    yield* stream;
  } catch (error) {
    told(error);
  }
}

function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;
}
