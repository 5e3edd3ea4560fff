import { defineComponent, type HandlerFactory } from "@orrery/core";
import { Counter } from "./counter.ts";

/** Lacks a handler that its contract declares. */
export const half = defineComponent(Counter, (() => ({ crash: () => undefined })) as unknown as HandlerFactory<
  typeof Counter
>);
