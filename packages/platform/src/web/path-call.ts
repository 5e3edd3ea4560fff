/** A service that may be called by paths of its own name. */
export interface NamedService {
  readonly name: string;
}

/** What a path names: a service, and a method of it as it was written. */
export type PathCall<S extends NamedService> =
  | { readonly kind: "call"; readonly service: S; readonly method: string }
  /** Several services have that last part. */
  | { readonly kind: "ambiguous"; readonly names: readonly string[] }
  | { readonly kind: "none" };

/** Parts of a path that names a method. */
const PARTS_MAX = 12;

/**
 * Finds the service and the method that a path names, whatever its letters' case:
 *
 *     /shop.v1.Orders/Create   /shop/v1/orders/create   /orders/create   the method Create of shop.v1.Orders
 *     /orders                                                            its method Call
 *
 * The service is written whole, with "." or "/" between its parts, or by its last part where only one has it. A method may have "-" in
 * the place of capitals.
 */
export function findPathCall<S extends NamedService>(parts: readonly string[], services: readonly S[]): PathCall<S> {
  if (parts.length === 0 || parts.length > PARTS_MAX || parts.includes("")) return { kind: "none" };
  const [method, names] = parts.length === 1 ? ["Call", parts] : [parts.at(-1) ?? "", parts.slice(0, -1)];
  const said = plain(names.join("."));
  const { wholes, lasts } = namesOf(services);
  const whole = wholes.get(said);
  if (whole !== undefined) return { kind: "call", service: whole, method: camel(method) };
  if (names.length > 1) return { kind: "none" };
  const [first, ...others] = lasts.get(said) ?? [];
  if (first === undefined) return { kind: "none" };
  if (others.length > 0) return { kind: "ambiguous", names: [first, ...others].map(({ name }) => name) };
  return { kind: "call", service: first, method: camel(method) };
}

/** Services by their plain names, and by the last parts of those. */
interface Names<S> {
  readonly wholes: ReadonlyMap<string, S>;
  readonly lasts: ReadonlyMap<string, readonly S[]>;
}

/** Of lists that come again with each request. */
const NAMES = new WeakMap<readonly NamedService[], Names<NamedService>>();

function namesOf<S extends NamedService>(services: readonly S[]): Names<S> {
  const known = NAMES.get(services) as Names<S> | undefined;
  if (known !== undefined) return known;
  const wholes = new Map(services.map((service) => [plain(service.name), service]).reverse() as [string, S][]);
  const lasts = Map.groupBy(services, ({ name }) => plain(name.slice(name.lastIndexOf(".") + 1)));
  const made = { wholes, lasts };
  NAMES.set(services, made);
  return made;
}

/** The spelling of a method among those that there are, whatever its case; as it was written, where none is like it. */
export function spelledMethod(said: string, methods: readonly string[]): string {
  return methods.find((one) => one === said) ?? methods.find((one) => plain(one) === plain(said)) ?? said;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll("-", "").replaceAll("_", "");
}

function camel(method: string): string {
  return method.replace(/-+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
