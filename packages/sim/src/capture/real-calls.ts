import type { RealCall } from "./refusal.ts";

/** Real calls of one kind, by the object that they are called on. */
export interface RealCallGroup {
  /** Where the functions are: a module, or a global; then members of it, such as `fs.promises` or `net.Socket.prototype`. */
  readonly from: string;
  /** What a user writes before the name. */
  readonly prefix: string;
  /** Names of functions and classes; `*` is every function whose name begins with a small letter. */
  readonly names: string;
  /** Names that `*` does not mean. */
  readonly except?: string;
  readonly why: string;
  readonly mend: string;
  /** True where each gives a promise for plain data, so that the mode `external` can record it. */
  readonly promises?: boolean;
}

const HELPER = 'or wrap it in external(name, () => promise) and run with capture "external"';
const NET = { why: "it opens a real connection", mend: `use the context's client, ${HELPER}` };
const SERVE = {
  why: "it opens a real port",
  mend: "make it a component of the node and call it by the context's client",
};
const NAMES = { why: "it asks the real name service", mend: `hand the address in, ${HELPER}` };
const DISK = { why: "it uses the real disk", mend: `use the disk of its machine, ${HELPER}` };
const CHILD = { why: "it starts a real process", mend: `make it a node of the world, ${HELPER}` };
const THREAD = { why: "it starts a real thread", mend: "make it a node of the world, or do the work in the handler" };
const POOL = { why: "it ends when a real thread is done", mend: `call the variant that ends in Sync, ${HELPER}` };
const KEYS = { why: "it draws real chance", mend: `make the key before the world starts and hand it in, ${HELPER}` };
const SUBTLE = {
  why: "it ends when a real thread is done",
  mend: `use node:crypto's functions without a callback, ${HELPER}`,
};
const PORTS = { why: "what it sends arrives in real time", mend: "use an EventTarget, or setImmediate" };
const MEMORY = {
  why: "what it shows depends on when memory is collected",
  mend: "hold the object, and let go of it by hand",
};
const WASM = {
  why: "it ends when a real thread is done",
  mend: "use new WebAssembly.Module, or compile before the world starts",
};

const DNS =
  "lookup lookupService resolve resolve4 resolve6 resolveAny resolveCaa resolveCname resolveMx resolveNaptr resolveNs resolvePtr resolveSoa resolveSrv resolveTlsa resolveTxt reverse";

/** All real calls that the capture knows. */
export const REAL_CALLS: readonly RealCallGroup[] = [
  { from: "node:net", prefix: "net.", names: "connect createConnection", ...NET },
  { from: "node:net Socket prototype", prefix: "net.Socket.", names: "connect", ...NET },
  { from: "node:net", prefix: "net.", names: "createServer", ...SERVE },
  { from: "node:net Server prototype", prefix: "net.Server.", names: "listen", ...SERVE },
  { from: "node:tls", prefix: "tls.", names: "connect", ...NET },
  { from: "node:tls", prefix: "tls.", names: "createServer", ...SERVE },
  { from: "node:http", prefix: "http.", names: "request get", ...NET },
  { from: "node:http", prefix: "http.", names: "createServer", ...SERVE },
  { from: "node:https", prefix: "https.", names: "request get", ...NET },
  { from: "node:https", prefix: "https.", names: "createServer", ...SERVE },
  { from: "node:http2", prefix: "http2.", names: "connect", ...NET },
  { from: "node:http2", prefix: "http2.", names: "createServer createSecureServer", ...SERVE },
  { from: "node:dgram", prefix: "dgram.", names: "createSocket Socket", ...NET },
  { from: "globalThis", prefix: "", names: "fetch", ...NET, promises: true },
  { from: "globalThis", prefix: "new ", names: "WebSocket EventSource", ...NET },
  { from: "node:dns", prefix: "dns.", names: DNS, ...NAMES },
  { from: "node:dns Resolver prototype", prefix: "dns.Resolver.", names: DNS, ...NAMES },
  { from: "node:dns promises", prefix: "dns.promises.", names: DNS, ...NAMES, promises: true },
  { from: "node:dns promises Resolver prototype", prefix: "dns.promises.Resolver.", names: DNS, ...NAMES },
  { from: "node:fs", prefix: "fs.", names: "* ReadStream WriteStream FileReadStream FileWriteStream", ...DISK },
  { from: "node:fs promises", prefix: "fs.promises.", names: "open opendir glob watch mkdtempDisposable", ...DISK },
  {
    from: "node:fs promises",
    prefix: "fs.promises.",
    names: "*",
    except: "open opendir glob watch mkdtempDisposable",
    ...DISK,
    promises: true,
  },
  { from: "node:child_process", prefix: "child_process.", names: "* ChildProcess", except: "_forkChild", ...CHILD },
  { from: "node:worker_threads", prefix: "new ", names: "Worker", ...THREAD },
  { from: "node:cluster", prefix: "cluster.", names: "fork", ...CHILD },
  { from: "globalThis", prefix: "new ", names: "MessageChannel BroadcastChannel", ...PORTS },
  { from: "node:worker_threads", prefix: "new ", names: "MessageChannel BroadcastChannel", ...PORTS },
  {
    from: "globalThis Atomics",
    prefix: "Atomics.",
    names: "wait waitAsync",
    why: "it waits in real time",
    mend: "use a timer",
  },
  {
    from: "node:zlib",
    prefix: "zlib.",
    names:
      "deflate deflateRaw gzip inflate inflateRaw gunzip unzip brotliCompress brotliDecompress zstdCompress zstdDecompress createDeflate createDeflateRaw createGzip createInflate createInflateRaw createGunzip createUnzip createBrotliCompress createBrotliDecompress createZstdCompress createZstdDecompress",
    ...POOL,
  },
  {
    from: "globalThis Blob prototype",
    prefix: "Blob.",
    names: "stream",
    why: "its parts come in real time",
    mend: "use its text(), bytes() or arrayBuffer()",
  },
  { from: "globalThis", prefix: "new ", names: "CompressionStream DecompressionStream", ...POOL },
  { from: "node:crypto", prefix: "crypto.", names: "pbkdf2 scrypt hkdf argon2 checkPrime", ...POOL },
  {
    from: "node:crypto",
    prefix: "crypto.",
    names: "generateKey generateKeySync generateKeyPair generateKeyPairSync generatePrime generatePrimeSync",
    ...KEYS,
  },
  { from: "node:crypto ECDH prototype", prefix: "crypto.ECDH.", names: "generateKeys", ...KEYS },
  { from: "node:crypto DiffieHellman prototype", prefix: "crypto.DiffieHellman.", names: "generateKeys", ...KEYS },
  { from: "node:crypto subtle", prefix: "crypto.subtle.", names: "*", ...SUBTLE, promises: true },
  {
    from: "globalThis WebAssembly",
    prefix: "WebAssembly.",
    names: "compile instantiate compileStreaming instantiateStreaming",
    ...WASM,
  },
  { from: "globalThis", prefix: "new ", names: "WeakRef FinalizationRegistry", ...MEMORY },
];

/** The standard input, which is read from by looking at it. */
export const STDIN: RealCall = {
  name: "process.stdin",
  why: "it reads what somebody types",
  mend: "read it before the world starts and hand it in",
};

/** A connection that is open already. */
export const SOCKET_WRITE: RealCall = { name: "net.Socket.write", ...NET, why: "it sends on a real connection" };
