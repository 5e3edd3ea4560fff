/** What a pod file says, by its shape. */
export interface SaidPod {
  readonly name: string;
  readonly containers: Readonly<Record<string, SaidContainer>>;
  readonly volumes?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly replicas?: number;
  readonly addresses?: number;
  readonly traffic?: { readonly egress?: string; readonly ingress?: string };
}

/** One container of it. */
export interface SaidContainer {
  readonly image: string;
  readonly command?: readonly string[];
  readonly workingDir?: string;
  readonly env?: Readonly<Record<string, string | number | boolean>>;
  readonly ports?: readonly SaidPort[];
  readonly volumes?: Readonly<Record<string, string | { readonly path: string; readonly readOnly?: boolean }>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly cpu?: string | number | boolean;
  readonly memory?: string;
  readonly gpu?: number;
  readonly health?: { readonly path: string; readonly port?: number; readonly every?: string };
}

/** One of its ports. */
export interface SaidPort {
  readonly port: number;
  readonly host?: string;
  readonly protocol?: "http" | "tcp" | "udp";
}
