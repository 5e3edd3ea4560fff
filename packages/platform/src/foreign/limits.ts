/** Words of a command that starts a foreign program. */
export const EXEC_WORDS_MAX = 64;
/** Methods of a foreign program that are called by paths of their own. */
export const FOREIGN_METHODS_MAX = 200;
/** Messages that one process hands on at once to the program that it stands for. */
export const FOREIGN_INSTANCES = 32;
/** Bytes of an answer of a foreign program; more is a fault of it. */
export const FOREIGN_REPLY_BYTES_MAX = 32 * 1024 * 1024;
/** Bytes of what a foreign program says about a fault that are told on. */
export const FOREIGN_FAULT_BYTES_MAX = 4 * 1024;
/** How long a foreign program may take until it answers. */
export const FOREIGN_START_MS = 30_000;
/** How long one look at its health may take. */
export const FOREIGN_LOOK_MS = 2_000;
/** How often it is looked at until it answers. */
export const FOREIGN_LOOK_AGAIN_MS = 50;
/** How often it is looked at later. */
export const FOREIGN_HEALTH_MS = 5_000;
/** Looks in a row that must go wrong until it counts as ill. */
export const FOREIGN_ILL_AFTER = 3;
/** How long it may take to end when it is asked to; then it is killed. */
export const FOREIGN_END_MS = 5_000;
/** Files of protobuf that a contract may have, with all that it imports. */
export const PROTO_FILES_MAX = 500;
/** How long contracts may take to be compiled. */
export const PROTO_COMPILE_MS = 30_000;
/** Connections out of a cage, to one place, that are open at once. */
export const RELAY_CONNECTIONS_MAX = 256;
/** How long a connection out of a cage must stay open until it counts as taken. */
export const RELAY_TAKEN_MS = 250;
