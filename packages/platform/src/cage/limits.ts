/** Bytes of a WebAssembly module. */
export const MODULE_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes of a script. */
export const SCRIPT_BYTES_MAX = 2 * 1024 * 1024;
/** Functions of a module, types, globals, exports, segments of each sort: what a host keeps for each is more than its bytes. */
export const MODULE_ITEMS_MAX = 50_000;
/** Tables of a module. */
export const TABLES_MAX = 16;
/** Entries of one table, also after it has grown. */
export const TABLE_ENTRIES_MAX = 50_000;
/** Bytes of a page of WebAssembly's memory. */
export const PAGE_BYTES = 65_536;
/** How long an answer may take, calls to others included, where nobody says. */
export const WALL_MS = 5_000;
/** Time of the processor that one message may take, where nobody says. */
export const CPU_MS = 1_000;
/** Time of the processor that code may take until it can be called: to compile, and to run what it runs at its start. */
export const START_MS = 5_000;
/** How long that may take in all, so that a busy machine is told from code that never ends its start. */
export const START_WALL_MS = 60_000;
/** Bytes of memory, where nobody says. */
export const MEMORY_BYTES = 64 * 1024 * 1024;
/** The same, at most. */
export const MEMORY_BYTES_MAX = 1024 * 1024 * 1024;
/** Bytes of memory that the engine of a script has for itself, beside what the script may use. */
export const ENGINE_BYTES = 16 * 1024 * 1024;
/** Bytes of a script's stack. */
export const SCRIPT_STACK_BYTES = 256 * 1024;
/** Bytes of a request, and of the answer to a call. */
export const REQUEST_BYTES = 1024 * 1024;
/** Bytes of a reply, and of what a mechtron says in a call. */
export const REPLY_BYTES = 4 * 1024 * 1024;
/** Calls that a mechtron may make in a second, and at once after a rest. */
export const CALLS_PER_SECOND = 1_000;
/** Calls for its state, which never leave the host, that a mechtron may make in a second, and at once after a rest. */
export const STATE_CALLS_PER_SECOND = 20_000;
/** Calls of one mechtron that wait for their answers. */
export const CALLS_OPEN_MAX = 32;
/** Lines of a log that one message may write; further ones are counted and dropped. */
export const LOG_LINES_MAX = 100;
/** Characters of one line; the rest is cut. */
export const LOG_LINE_MAX = 4_096;
/** Messages that may wait for one mechtron. */
export const QUEUE_MAX = 128;
/** How long a mechtron rests until its instance is given up. */
export const IDLE_MS = 30_000;
/** Threads that stand ready for the next mechtron. */
export const THREADS_SPARE = 1;
/** Threads of one cage; beyond them, the mechtron that rested longest gives up its own. */
export const THREADS_MAX = 64;
/** Modules that are kept compiled while nobody runs them. */
export const COMPILED_MAX = 64;
/** Random bytes that one call gives. */
export const RANDOM_BYTES_MAX = 65_536;
/** How much nicer to others the threads of mechtrons are than the rest of the process: 0 not at all, 19 most. */
export const THREAD_NICENESS = 10;
/** How often a script's engine looks whether it must stop, where a model counts in the place of time; each is some 10,000 steps. */
export const MODEL_INTERRUPTS_MAX = 2_000;
/** Scripts that one engine of a world has run when another takes its place: none gives back its memory, some 100 KiB, when its node crashes. */
export const ENGINE_GUESTS = 1_000;
