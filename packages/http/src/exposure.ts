import { createRegistry, type DescFile, type DescMethod, type Registry } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { OrreryError, type Service } from "@orrery/core";
import { contractOf, failure, type MethodContract, type ServiceContract } from "@orrery/core/internal";
import { NAMES_LISTED_MAX } from "./limits.ts";
import { HttpRefusal } from "./refusal.ts";

/** One method as callers reach it. */
export interface ExposedMethod {
  readonly service: Service;
  readonly contract: ServiceContract;
  readonly method: MethodContract;
  /** `/<service>/<method>`, as the contract spells both. */
  readonly path: string;
  /** The same for people: `service.method`. */
  readonly name: string;
  /** Its descriptor, when the contract is of protobuf. */
  readonly desc: DescMethod | undefined;
  /** Whether GET may call it: always, never, or unless a page of another site asks, when it is repeatable but perhaps not free of effects. */
  readonly get: "always" | "sameSite" | "never";
}

/** What a door exposes. */
export interface Exposure {
  readonly contracts: readonly ServiceContract[];
  readonly methods: readonly ExposedMethod[];
  /** Every message type of the protobuf services, for `google.protobuf.Any` in JSON. */
  readonly registry: Registry;
  /** Whether a path begins with the name of a service. */
  has(path: string): boolean;
  /** Finds the method of a path, which may also be written in lowerCamelCase. @throws HttpRefusal 404 listing what exists. */
  find(path: string): ExposedMethod;
}

/**
 * Reads the services that a door is to expose.
 * @throws OrreryError `already_exists` when two have one name, `invalid_argument` for a contract that is not supported.
 */
export function createExposure(services: readonly Service[], node: string): Exposure {
  const contracts = new Map<string, ServiceContract>();
  const paths = new Map<string, ExposedMethod>();
  for (const service of services) {
    const contract = contractOf(service);
    if (contracts.has(contract.name))
      throw new OrreryError("already_exists", `Cannot expose service "${contract.name}" twice: name it once`);
    contracts.set(contract.name, contract);
    for (const method of contract.methods.values()) {
      const exposed = exposedMethod(service, contract, method);
      paths.set(exposed.path, exposed);
      const local = `/${contract.name}/${method.localName}`;
      if (!paths.has(local)) paths.set(local, exposed);
    }
  }
  const files = [...contracts.values()].flatMap(({ source }) =>
    source.kind === "protobuf" ? [source.service.file] : [],
  );
  return {
    contracts: [...contracts.values()],
    methods: [...new Set(paths.values())],
    registry: createRegistry(...files.flatMap(withDependencies)),
    has: (path) => contracts.has(serviceOf(path)),
    find(path) {
      const exposed = paths.get(path);
      if (exposed !== undefined) return exposed;
      throw new HttpRefusal(404, unknownPath(path, contracts, node));
    },
  };
}

function exposedMethod(service: Service, contract: ServiceContract, method: MethodContract): ExposedMethod {
  const desc = contract.source.kind === "protobuf" ? contract.source.service.method[method.localName] : undefined;
  const isFree = desc?.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  const isRead = method.mode === "sync" || method.mode === "stream";
  return {
    service,
    contract,
    method,
    path: `/${contract.name}/${method.name}`,
    name: `${contract.name}.${method.name}`,
    desc,
    get: isFree && isRead ? "always" : desc === undefined && method.idempotent && isRead ? "sameSite" : "never",
  };
}

function withDependencies(file: DescFile): readonly DescFile[] {
  return [...file.dependencies.flatMap(withDependencies), file];
}

function serviceOf(path: string): string {
  return /^\/([^/]+)\/[^/]+$/.exec(path)?.[1] ?? "";
}

function unknownPath(path: string, contracts: ReadonlyMap<string, ServiceContract>, node: string): OrreryError {
  const name = serviceOf(path);
  const contract = contracts.get(name);
  if (contract !== undefined) {
    const methods = [...contract.methods.values()].map((method) => method.name);
    const text = `Cannot find method "${path.slice(name.length + 2)}" of service "${name}": its methods are ${list(methods)}`;
    return failure("no_such_method", text, { where: node, details: { methods } });
  }
  const services = [...contracts.keys()];
  const known = services.length === 0 ? "none" : list(services);
  if (name === "") {
    const text = `Cannot find "${path}": a call goes to /<service>/<method>, and the services here are ${known}`;
    return failure("no_such_component", text, { where: node, details: { services } });
  }
  const text = `Cannot find service "${name}": the services here are ${known}`;
  return failure("no_such_component", text, { where: node, details: { services } });
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_LISTED_MAX).map((name) => `"${name}"`);
  const rest = names.length - shown.length;
  return rest > 0 ? `${shown.join(", ")} and ${rest} more` : shown.join(", ");
}
