import type { Component } from "@orrery/core";

/** A handler of any mode. */
export type AnyHandler = (request: unknown, context: unknown) => unknown;

/** Puts something around each handler of a component, which is named by its method. */
export function wrapHandlers(
  component: Component,
  wrap: (handler: AnyHandler, method: string) => AnyHandler,
): Component {
  const factory: Component["factory"] = (instance) => {
    const handlers = component.factory(instance) as Readonly<Record<string, AnyHandler>>;
    return Object.fromEntries(Object.entries(handlers).map(([method, handler]) => [method, wrap(handler, method)]));
  };
  return Object.freeze({ ...component, factory });
}

/** Whether a handler answers with a stream. */
export function isStream(answer: unknown): answer is AsyncIterable<unknown> {
  return typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer;
}
