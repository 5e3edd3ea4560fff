import { getCompileCacheDir } from "node:module";
import { defineComponent, defineService, json } from "@orrery/core";

/** Tells how its process runs. */
export const Cached = defineService("test.cached", {
  where: { request: json<object>(), reply: json<{ folder: string | undefined }>() },
});

/** Tells where its process keeps compiled code. */
export const cached = defineComponent(Cached, () => ({ where: () => ({ folder: getCompileCacheDir() }) }));
