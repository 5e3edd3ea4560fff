const OWN = /^\/pods\/(0x[0-9a-f]{64})\/(secrets|env|volumes|logs)(\/|$)/;

/** What of a pod a path asks for that the pod keeps to itself: no operator reads it. Undefined for every other path. */
export function ownOfPod(path: string): { readonly lease: string; readonly what: string } | undefined {
  const [, lease, what] = OWN.exec(path) ?? [];
  return lease === undefined || what === undefined ? undefined : { lease, what };
}
