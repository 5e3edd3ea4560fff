import type { DirectoryHost } from "@orrery/core";

/**
 * The addresses to which connections were asked for. A connection that fails is tried again for as long as its node lives, so those to
 * addresses at which nobody is any more must be given up: nodes that come and go leave many.
 */
export interface OpenedLinks {
  /** The host, whose connections are watched. */
  readonly host: DirectoryHost;
  /** Gives up the connections to addresses that are of no use, those that are up excepted. */
  sweep(isOfUse: (address: string) => boolean): void;
}

/** Watches what is opened by way of a host. */
export function watchOpened(host: DirectoryHost): OpenedLinks {
  const opened = new Set<string>();
  const watched: DirectoryHost = {
    ...host,
    port(address) {
      const port = host.port(address);
      opened.add(address);
      return port;
    },
  };
  return {
    host: watched,
    sweep(isOfUse) {
      for (const address of [...opened]) {
        if (isOfUse(address) || host.port(address).link?.up === true) continue;
        host.forget(address);
        opened.delete(address);
      }
    },
  };
}
