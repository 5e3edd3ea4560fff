/** Gives each copy of a pod its network. */
export interface PodNetworks {
  /** What it does not keep apart on this machine, and what would help; a line each. */
  readonly lacks: readonly string[];
  /** Servers of names that copies ask. */
  readonly nameServers: readonly string[];
  /**
   * The network of a copy that listens at these ports, and reaches the Internet where it is not offline.
   * @throws OrreryError `failed_precondition` where it is to be offline and cannot be kept so
   */
  open(ports: readonly number[], options?: { readonly isOffline?: boolean | undefined }): Promise<CopyNetwork>;
  /** Takes away what an earlier process left. */
  sweep(): Promise<void>;
  close(): Promise<void>;
}

/** The network that all containers of one copy have. */
export interface CopyNetwork {
  /** File of its name space; undefined where it is the machine's. */
  readonly nameSpace: string | undefined;
  /** Variables by which programs are told where to listen. */
  readonly env: Readonly<Record<string, string>>;
  /** Where this process reaches a port of it. */
  reach(port: number): { readonly host: string; readonly port: number };
  /** Bytes since it was opened; undefined where nobody counts. */
  traffic(): { readonly egressBytes: number; readonly ingressBytes: number } | undefined;
  close(): Promise<void>;
}

/** Variables that say where to listen: `PORT` for the first port, `PORT_<number>` for each. */
export function portVariables(
  ports: readonly number[],
  listenAt: (port: number) => number,
): Readonly<Record<string, string>> {
  const [first] = ports;
  const each = ports.map((port) => [`PORT_${port}`, String(listenAt(port))]);
  return { ...(first !== undefined && { PORT: String(listenAt(first)) }), ...Object.fromEntries(each) };
}
