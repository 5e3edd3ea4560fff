/**
 * Runs in the engine of a script, before the script: it gives the script what it may use, and takes everything else away that is clock or
 * chance. `Date` and `Math.random` are the host's; the time stands still between what the host says, so that a script measures nothing.
 * It is an expression whose value, called with the host's functions, gives the functions by which the host works.
 */
export const SCRIPT_PRELUDE = `(natives) => {
  "use strict";
  const { send, reply, line, utf8Encode, utf8Decode, seed } = natives;
  let nowMs = 0;
  const SystemDate = Date;
  class HostDate extends SystemDate {
    constructor(...parts) {
      if (parts.length === 0) super(nowMs);
      else super(...parts);
    }
    static now() { return nowMs; }
  }
  const define = (name, value) => Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  define("Date", HostDate);
  delete globalThis.performance;
  SystemDate.prototype.constructor = HostDate;
  let a = seed[0] | 0, b = seed[1] | 0, c = seed[2] | 0, d = seed[3] | 1;
  const next = () => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    return sum >>> 0;
  };
  Math.random = () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
  const bufferOf = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  define("TextEncoder", class TextEncoder {
    get encoding() { return "utf-8"; }
    encode(text = "") { return new Uint8Array(utf8Encode(String(text))); }
  });
  define("TextDecoder", class TextDecoder {
    get encoding() { return "utf-8"; }
    decode(bytes = new ArrayBuffer(0)) { return utf8Decode(bytes instanceof ArrayBuffer ? bytes : bufferOf(bytes)); }
  });
  const say = (level) => (...parts) => line(level, parts.map((part) => typeof part === "string" ? part : JSON.stringify(part)).join(" "));
  define("console", { debug: say(0), log: say(1), info: say(1), warn: say(2), error: say(3) });
  const waiting = new Map();
  let calls = 0;
  const host = Object.freeze({
    call: (head, body) => new Promise((resolve) => {
      waiting.set(++calls, resolve);
      send(calls, String(head), body);
    }),
    log: (level, text) => line(level, String(text)),
  });
  let mechtron;
  return {
    adopt(script) {
      mechtron = script;
      if (typeof mechtron?.handle !== "function") return -1;
      return Number(mechtron.abi);
    },
    begin(head, body, now) {
      nowMs = now;
      const failed = (error) => reply(0, "", error instanceof Error ? error.name + ": " + error.message : String(error));
      try {
        Promise.resolve(mechtron.handle(head, body, host)).then((answer) => reply(1, answer.head, answer.body)).catch(failed);
      } catch (error) {
        failed(error);
      }
    },
    answered(id, head, body, now) {
      nowMs = now;
      const resolve = waiting.get(id);
      waiting.delete(id);
      resolve({ head, body });
    },
    expect() { waiting.clear(); },
  };
}`;
