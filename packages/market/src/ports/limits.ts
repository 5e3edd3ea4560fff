/** Most hosts of one provider. */
export const HOSTS_MAX = 10_000;
/** Most connections at once to one pod, of HTTP and TCP together. */
export const POD_CONNECTIONS_MAX = 1_024;
/** Time in which a copy of a pod takes a connection, in ms. */
export const POD_CONNECT_MS = 5_000;
/** Time in which a pod begins to answer a request, in ms. */
export const POD_ANSWER_MS = 120_000;
/** Most senders of datagrams at once to one port. */
export const UDP_SENDERS_MAX = 1_024;
/** Time without a datagram after which a sender is forgotten, in ms. */
export const UDP_QUIET_MS = 60_000;
/** Time in which a name server answers, in ms. */
export const HOST_PROOF_MS = 5_000;
