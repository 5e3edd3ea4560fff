import { matchName } from "@orrery/mesh";
import type { AppCallee } from "./app-callee.ts";
import type { AppInstance } from "./app-runtime.ts";

/** Says of the services of an app what somebody needs to call them, and how their processes are now. */
export function appServices(
  app: string,
  { callee, instances }: { readonly callee: AppCallee; readonly instances: readonly AppInstance[] },
) {
  const names = callee.services.map(({ name }) => name);
  const isOf = (component: string, service: string) => {
    const match = matchName(component, names); // A component of an orrery.yaml is named as its service, or as the last part of that.
    return match.kind === "one" && match.name === service;
  };
  return callee.services.map(({ name, version, methods, descriptors }) => ({
    ...{ address: app, name, version, descriptors },
    methods: methods.map(({ $typeName: _, $unknown: __, ...method }) => method),
    instances: instances.filter(({ component }) => isOf(component, name)).map(({ name: id, state }) => ({ id, state })),
  }));
}

/** The same of mechtrons that answer methods in JSON. */
export function mechtronServices(
  app: string,
  mechtrons: readonly { readonly name: string; readonly methods: readonly string[] }[],
) {
  return mechtrons
    .filter(({ methods }) => methods.length > 0)
    .map(({ name, methods }) => ({
      ...{ address: `${app}:${name}`, name, version: "", descriptors: new Uint8Array(0), instances: [] },
      methods: methods.map((method) => ({ name: method, mode: "sync", contentType: "application/json" })),
    }));
}
