import type { Component } from "@orrery/core";
import { type AnyHandler, isStream, wrapHandlers } from "../services/wrap-handlers.ts";
import type { Refusals } from "./refusals.ts";

/** Has what limits of plans refuse of what a component is asked remembered; it answers as it did. */
export function noteRefusals(component: Component, { noteError }: Pick<Refusals, "noteError">): Component {
  return wrapHandlers(component, (handler) => noting(handler, noteError));
}

function noting(handler: AnyHandler, noteError: (error: unknown) => void): AnyHandler {
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
