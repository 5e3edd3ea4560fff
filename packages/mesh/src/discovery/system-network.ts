/** Internet addresses of this host: those that others may reach, and all of them. */
export interface HostAddresses {
  /** Of version 4, without the loopback. */
  readonly reachable: readonly string[];
  readonly all: ReadonlySet<string>;
}

/** Reads the internet addresses of this host's interfaces. */
export function hostAddresses(): HostAddresses {
  const found = Object.values(process.getBuiltinModule("node:os").networkInterfaces()).flatMap((all) => all ?? []);
  return {
    reachable: found.filter(({ family, internal }) => family === "IPv4" && !internal).map(({ address }) => address),
    all: new Set(found.map(({ address }) => address)),
  };
}
