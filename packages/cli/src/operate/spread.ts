/** How much of a component a node runs, and has to do. */
export interface Spreadable {
  readonly node: string;
  readonly instances: number;
  /** Messages that are busy or wait there. */
  readonly load: number;
}

/**
 * Divides a number of instances among nodes, with as few changes as there can be: each one more goes where the fewest are, each one less is
 * taken from where the most are; of several alike, to the least loaded, and from the least loaded. Pure.
 */
export function spread(total: number, nodes: readonly Spreadable[]): ReadonlyMap<string, number> {
  const counts = new Map(nodes.map(({ node, instances }) => [node, instances]));
  const count = (node: Spreadable) => counts.get(node.node) ?? 0;
  let sum = nodes.reduce((all, { instances }) => all + instances, 0);
  for (; sum < total && nodes.length > 0; sum++) {
    const least = pick(nodes, (a, b) => count(a) - count(b) || a.load - b.load);
    counts.set(least.node, count(least) + 1);
  }
  for (; sum > total; sum--) {
    const most = pick(nodes, (a, b) => count(b) - count(a) || a.load - b.load);
    counts.set(most.node, count(most) - 1);
  }
  return counts;
}

/** The first by an order; of several alike the first by name. */
function pick(nodes: readonly Spreadable[], order: (a: Spreadable, b: Spreadable) => number): Spreadable {
  return nodes.reduce((best, one) =>
    order(one, best) < 0 || (order(one, best) === 0 && one.node < best.node) ? one : best,
  );
}
