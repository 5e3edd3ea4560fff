import type { SealedPod } from "../pod/pod.ts";

/** What of a pod is learnt by whom, once it is deployed; a sentence for each. */
export interface WhoLearns {
  readonly everybody: string;
  readonly provider: string;
  readonly pod: string;
}

/** Says what of a pod whoever runs it learns, and others. */
export function whoLearns({ pod, digest }: SealedPod): WhoLearns {
  const hosts = pod.containers.flatMap(({ ports }) =>
    ports.flatMap((port) => (port.protocol === "http" ? [port.host] : [])),
  );
  const env = pod.containers.flatMap((one) => Object.keys(one.env).map((name) => `${one.name}.${name}`));
  const secrets = pod.secrets.map(({ name }) => `secret ${name}`);
  return {
    everybody: `hosts ${hosts.join(", ") || "(none)"}, the lease with its deposit and rate on the chain, digest ${digest}`,
    provider: `the pod file with images by digest${env.length === 0 ? "" : `, and variables ${env.join(", ")}`}`,
    pod: `${secrets.join(", ") || "no secrets"}, and what images hold`,
  };
}
