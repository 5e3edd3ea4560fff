import type { UpstreamList } from "../bind/upstream-list.ts";
import { FOREIGN_PROTOCOLS, type ForeignPart } from "./foreign-part.ts";

/** A component in an `orrery.yaml`, in its long form. */
export interface SaidPart {
  readonly path?: string;
  readonly instances?: number | { readonly min?: number; readonly max: number; readonly wait?: string };
  readonly exec?: readonly string[];
  readonly speaks?: ForeignPart["protocol"];
  readonly http?: string;
  readonly connect?: string;
  readonly grpc?: string;
  readonly proto?: string;
  readonly methods?: Readonly<Record<string, string>>;
  readonly health?: string;
}

/** The foreign program that a component is; undefined where it is code of Orrery's. */
export function foreignOf(said: SaidPart): ForeignPart | undefined {
  const protocol = FOREIGN_PROTOCOLS.find((one) => said[one] !== undefined);
  if (protocol === undefined && said.exec === undefined) return undefined;
  return {
    protocol: protocol ?? said.speaks ?? "http",
    url: protocol === undefined ? undefined : said[protocol]?.replace(/\/+$/, ""),
    exec: said.exec,
    methods: said.methods ?? {},
    health: said.health,
  };
}

/** Tells what of a component does not fit together, by the field that is to be changed. */
export function judgePart(
  said: SaidPart,
  {
    upstreams,
    tell,
  }: { readonly upstreams: UpstreamList | undefined; readonly tell: (field: string | undefined, why: string) => void },
): void {
  const ways = (["path", "exec", ...FOREIGN_PROTOCOLS] as const).filter((one) => said[one] !== undefined);
  const [way, other] = ways;
  if (way === undefined)
    return void tell(undefined, "has no path: write it, or exec, http, connect or grpc for a foreign program");
  if (other !== undefined) return void tell(other, `stands beside ${way}: leave one of them out`);
  const only = (field: keyof SaidPart, isFor: boolean, whose: string) => {
    if (said[field] !== undefined && !isFor) tell(field, `is for ${whose}: leave it out`);
  };
  only("proto", way !== "path", "foreign programs");
  only("health", way !== "path", "foreign programs");
  only("speaks", way === "exec", "programs that exec starts");
  only("methods", way === "http" || (way === "exec" && (said.speaks ?? "http") === "http"), "programs called by http");
  if (way === "path") return;
  if (said.proto === undefined) tell(undefined, "has no proto: name the file of its contract, such as greeter.proto");
  const url = way === "exec" ? undefined : said[way];
  if (url === undefined) return;
  if (!URL.canParse(url)) tell(way, `is "${url}", which is no address: write one such as http://10.0.0.5:8000`);
  else if (new URL(url).username !== "" || new URL(url).password !== "")
    tell(way, "has a password: leave what stands before @ out");
  else if (upstreams?.has(new URL(url).origin) === false)
    tell(way, "is where no app may lead: an operator must allow it first, by --allow-upstream");
}
