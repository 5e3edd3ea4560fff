/**
 * The order of the packages, lowest first. A package may import only packages of an earlier row; neighbours in one row
 * never import each other. A package that is not listed fails the check, so a new one is placed on purpose.
 */
export const LAYERS: readonly (readonly string[])[] = [
  ["core", "guest"],
  ["zmq", "sim", "http"],
  ["mesh"],
  ["registry"],
  ["platform", "market"],
  ["client", "console"],
  ["kubernetes", "cli"],
];

/** Packages that implement core's interfaces, and who may import them besides tests, examples and benchmarks. */
export const IMPLEMENTATIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ["zmq", ["mesh", "cli"]],
  ["sim", ["mesh", "cli"]],
]);

/** Packages that must run in a browser: no `node:` module and no global of Node in what they ship. */
export const BROWSER_PACKAGES: readonly string[] = ["core", "guest", "client"];

/** Longest source file, in lines; tests and generated code are not counted. */
export const FILE_LINES_MAX = 400;

/** Longest function, in lines from its first to its last. */
export const FUNCTION_LINES_MAX = 70;

/** Where clock, timers, randomness, process and sockets may be touched, and why. All else is handed them. */
export const SYSTEM_SOURCES: readonly { readonly files: RegExp; readonly because: string }[] = [
  { files: /\/system-[a-z0-9-]+\.ts$/, because: "a system source: the one place that wraps the machine's own" },
  { files: /^packages\/zmq\/src\//, because: "a real transport: sockets, keys and reconnect timers are its work" },
  { files: /^packages\/http\/src\/server\.ts$/, because: "the HTTP door's real listener" },
  { files: /^packages\/cli\/src\//, because: "the composition root: it runs in a terminal" },
  { files: /\.test\.ts$|\/testing\//, because: "tests may start real things" },
  { files: /^(tools|examples|benchmarks)\/|\/zoo\/table\.ts$/, because: "programs, not libraries" },
];

/** Modules of Node that are clock, randomness, process or sockets. `node:fs`, `node:path` and the like are none. */
export const SYSTEM_MODULES: ReadonlySet<string> = new Set(
  "child_process cluster crypto dgram dns dns/promises http http2 https net os perf_hooks process timers timers/promises tls worker_threads"
    .split(" ")
    .map((name) => `node:${name}`),
);

/** Globals that read the clock, wait, draw chance, or reach the machine; and what to use in their place. */
export const SYSTEM_GLOBALS: ReadonlyMap<string, string> = new Map([
  ["setTimeout", "use the clock's timer or sleep"],
  ["setInterval", "use the clock's timer"],
  ["setImmediate", "use queueMicrotask, or the clock's timer"],
  ["performance", "use the clock's monotonic"],
  ["crypto", "use the random source that is handed in"],
  ["process", "take what you need as an option; only system sources and the command read the process"],
  ["fetch", "take a transport as an option"],
  ["WebSocket", "take a transport as an option"],
  ["EventSource", "take a transport as an option"],
]);

/** Members of globals that do the same, where the rest of the global is harmless. */
export const SYSTEM_MEMBERS: ReadonlyMap<string, string> = new Map([
  ["Date.now", "use the clock's now"],
  ["Math.random", "use the random source that is handed in"],
  ["AbortSignal.timeout", "use the clock's timer and an AbortController"],
]);

/** Globals that Node has and a browser has not. */
export const NODE_GLOBALS: ReadonlySet<string> = new Set(
  "Buffer process global require module exports __dirname __filename setImmediate clearImmediate".split(" "),
);
