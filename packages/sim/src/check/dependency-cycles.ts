import type { Dependency, DependencyGraph, DependencyKind } from "./dependency-graph.ts";
import { CYCLE_STARTS_MAX } from "./limits.ts";

/** A kind of cycle: what one of its steps is, what the others may be, and what one of those must be. */
export interface CycleKind {
  readonly first: DependencyKind;
  readonly others: readonly DependencyKind[];
  /** A kind that the other steps must hold too. Default: none. */
  readonly needed?: DependencyKind;
}

/** Finds a shortest cycle of a kind in each strongly connected part of the graph that has one. */
export function shortestCycles(graph: DependencyGraph, kind: CycleKind): (readonly Dependency[])[] {
  const kinds = new Set<DependencyKind>([kind.first, ...kind.others, "via"]);
  const edges = graph.edges.map((list) => list.filter((edge) => kinds.has(edge.kind)));
  const found: (readonly Dependency[])[] = [];
  for (const part of strongParts(edges)) {
    const inside = new Set(part);
    let shortest: readonly Dependency[] | undefined;
    const starts = part.flatMap((node) =>
      (edges[node] ?? []).filter((edge) => edge.kind === kind.first && inside.has(edge.to)),
    );
    for (const start of starts.slice(0, CYCLE_STARTS_MAX)) {
      const way = shortestWay(edges, inside, start, kind);
      if (way !== undefined && (shortest === undefined || way.length < shortest.length)) shortest = way;
    }
    if (shortest !== undefined) found.push(shortest);
  }
  return found;
}

/** A step of a way, with the one before it. */
interface Trail {
  readonly edge: Dependency;
  readonly before: Trail | undefined;
  /** Whether the needed kind has been met. */
  readonly hasNeeded: boolean;
}

/** The shortest way from the end of an edge to its beginning, breadth first; over each node once with and once without the needed kind. */
function shortestWay(
  edges: readonly (readonly Dependency[])[],
  inside: ReadonlySet<number>,
  start: Dependency,
  { others, needed }: CycleKind,
): readonly Dependency[] | undefined {
  const allowed = new Set(others);
  allowed.add("via");
  const visited = new Set<string>();
  const waiting: Trail[] = [{ edge: start, before: undefined, hasNeeded: needed === undefined }];
  for (const trail of waiting) {
    const way = trail.edge.to === start.from && trail.hasNeeded ? simple(trail) : undefined;
    if (way !== undefined) return way;
    for (const edge of edges[trail.edge.to] ?? []) {
      if (!inside.has(edge.to) || !allowed.has(edge.kind)) continue;
      const hasNeeded = trail.hasNeeded || edge.kind === needed;
      const key = `${edge.to} ${hasNeeded}`;
      if (visited.has(key)) continue;
      visited.add(key);
      waiting.push({ edge, before: trail, hasNeeded });
    }
  }
  return undefined;
}

/** The way as a list, unless it comes twice over one node: then it is two cycles, each found by itself. */
function simple(end: Trail): readonly Dependency[] | undefined {
  const way: Dependency[] = [];
  for (let trail: Trail | undefined = end; trail !== undefined; trail = trail.before) way.unshift(trail.edge);
  return new Set(way.map((edge) => edge.from)).size === way.length ? way : undefined;
}

/** Strongly connected parts of more than one node, by Tarjan, without recursion: histories are long. */
function strongParts(edges: readonly (readonly Dependency[])[]): number[][] {
  const tarjan = new Tarjan(edges);
  for (let node = 0; node < edges.length; node++) tarjan.visit(node);
  return tarjan.parts;
}

class Tarjan {
  readonly parts: number[][] = [];
  readonly #edges: readonly (readonly Dependency[])[];
  /** Number of each node by its first visit, 0 before; and the lowest it leads back to. */
  readonly #visit: Int32Array;
  readonly #low: Int32Array;
  readonly #isOpen: Uint8Array;
  readonly #open: number[] = [];
  #visits = 0;

  constructor(edges: readonly (readonly Dependency[])[]) {
    this.#edges = edges;
    this.#visit = new Int32Array(edges.length);
    this.#low = new Int32Array(edges.length);
    this.#isOpen = new Uint8Array(edges.length);
  }

  visit(root: number): void {
    if (this.#visit[root] !== 0) return;
    const way = [{ node: root, next: 0 }];
    this.#begin(root);
    for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
      const edge = this.#edges[step.node]?.[step.next++];
      if (edge === undefined) {
        way.pop();
        this.#end(step.node);
        const parent = way.at(-1);
        if (parent !== undefined) this.#lower(parent.node, this.#low[step.node] ?? 0);
      } else if (this.#visit[edge.to] === 0) {
        this.#begin(edge.to);
        way.push({ node: edge.to, next: 0 });
      } else if (this.#isOpen[edge.to] === 1) this.#lower(step.node, this.#visit[edge.to] ?? 0);
    }
  }

  #begin(node: number): void {
    this.#visit[node] = this.#low[node] = ++this.#visits;
    this.#open.push(node);
    this.#isOpen[node] = 1;
  }

  #lower(node: number, to: number): void {
    this.#low[node] = Math.min(this.#low[node] ?? 0, to);
  }

  #end(node: number): void {
    if (this.#low[node] !== this.#visit[node]) return;
    const part = this.#open.splice(this.#open.lastIndexOf(node));
    for (const member of part) this.#isOpen[member] = 0;
    if (part.length > 1) this.parts.push(part.sort((a, b) => a - b));
  }
}
