import { encodeCommand, parseCommand } from "./command.ts";
import { deriveBoxKey, makeNonce, openBox, sealBox } from "./curve-box.ts";
import { type CurveKeyPair, encodeHex } from "./curve-key.ts";
import { createCurveSession } from "./curve-session.ts";
import { CURVE_NONCES, CURVE_SIZES, concat, readShortNonce, shortNonce } from "./curve-wire.ts";
import { PeerFault, violation } from "./errors.ts";
import type { HandshakeStep, Mechanism, MechanismOptions } from "./mechanism.ts";
import { encodeMetadata, parseMetadata } from "./metadata.ts";
import { nodeCrypto } from "./node-crypto.ts";
import { refusalOf } from "./refusal.ts";
import type { ZmqSystem } from "./system.ts";
import { derivePublicKey, importSecretKey } from "./x25519.ts";

/**
 * Decides on a client by its long-term public key, which it has proven to own.
 * @returns what the caller wants to know of the peer (anything but undefined), or undefined to refuse it.
 */
export type AuthorizeKey = (publicKey: Uint8Array) => unknown;

/** What the server side of CURVE needs: who it is, and whom it lets in. */
export interface CurveServerOptions extends MechanismOptions {
  readonly keyPair: CurveKeyPair;
  readonly authorize: AuthorizeKey;
  readonly system: Pick<ZmqSystem, "randomBytes">;
}

/**
 * The server side of the CURVE handshake (RFC 26): WELCOME for a HELLO, READY for an INITIATE.
 * Every reply is shorter than what it answers, so that nobody can use this side to multiply traffic.
 */
export function createCurveServer(options: CurveServerOptions): Mechanism {
  return new CurveServer(options);
}

type ServerState =
  | { readonly kind: "fresh" }
  | { readonly kind: "welcomed"; readonly cookieKey: Uint8Array; readonly received: number }
  | { readonly kind: "over" };

interface Cookie {
  readonly clientShort: Uint8Array;
  readonly serverShortSecret: Uint8Array;
}

/**
 * I1: between WELCOME and INITIATE the short-term keys are in the cookie alone, under a key used for this one cookie.
 * I2: nothing is told about a client before it has proven its long-term key.
 */
class CurveServer implements Mechanism {
  readonly name = "CURVE";
  readonly asServer = true;
  readonly #options: CurveServerOptions;
  #state: ServerState = { kind: "fresh" };

  constructor(options: CurveServerOptions) {
    this.#options = options;
  }

  open(): undefined {
    return undefined;
  }

  receive(body: Uint8Array): HandshakeStep {
    const { name, data } = parseCommand(body);
    if (name === "ERROR") throw refusalOf(data);
    const state = this.#state;
    this.#state = { kind: "over" };
    switch (state.kind) {
      case "fresh":
        if (name !== "HELLO" || body.length !== CURVE_SIZES.hello) throw violation("its first command is no HELLO");
        return { reply: this.#welcome(data), result: undefined };
      case "welcomed":
        if (name !== "INITIATE" || body.length < CURVE_SIZES.initiateMin) throw violation("it sent no proper INITIATE");
        return this.#accept(data, state);
      case "over":
        throw violation("it went on with a handshake that was over");
    }
  }

  #welcome(data: Uint8Array): Uint8Array {
    const { keyPair, system } = this.#options;
    if (data[0] !== 1 || data[1] !== 0) throw violation("it speaks another version of CURVE");
    const clientShort = data.subarray(74, 106);
    const nonce = data.subarray(106, 114);
    const helloKey = deriveBoxKey(importSecretKey(keyPair.secretKey), clientShort);
    if (openBox(helloKey, makeNonce(CURVE_NONCES.hello, nonce), data.subarray(114)) === undefined) {
      throw new PeerFault("unauthenticated", "it does not know this side's public key, give it the right server key");
    }
    const shortSecret = system.randomBytes(CURVE_SIZES.key);
    const cookieKey = Uint8Array.from(system.randomBytes(CURVE_SIZES.key));
    const cookieNonce = system.randomBytes(CURVE_SIZES.longNonce);
    const cookieBox = sealBox(cookieKey, makeNonce(CURVE_NONCES.cookie, cookieNonce), concat(clientShort, shortSecret));
    const welcomeNonce = system.randomBytes(CURVE_SIZES.longNonce);
    const content = concat(derivePublicKey(importSecretKey(shortSecret)), cookieNonce, cookieBox);
    const box = sealBox(helloKey, makeNonce(CURVE_NONCES.welcome, welcomeNonce), content);
    this.#state = { kind: "welcomed", cookieKey, received: readShortNonce(nonce) }; // I1
    return encodeCommand("WELCOME", welcomeNonce, box);
  }

  #accept(data: Uint8Array, state: { readonly cookieKey: Uint8Array; readonly received: number }): HandshakeStep {
    const { clientShort, serverShortSecret } = openCookie(state.cookieKey, data.subarray(0, CURVE_SIZES.cookie));
    const shortSecret = importSecretKey(serverShortSecret);
    const nonce = data.subarray(CURVE_SIZES.cookie, CURVE_SIZES.cookie + CURVE_SIZES.shortNonce);
    const received = readShortNonce(nonce);
    if (received <= state.received) throw violation("it repeated a nonce in its handshake");

    const boxKey = deriveBoxKey(shortSecret, clientShort);
    const box = data.subarray(CURVE_SIZES.cookie + CURVE_SIZES.shortNonce);
    const content = openBox(boxKey, makeNonce(CURVE_NONCES.initiate, nonce), box);
    if (content === undefined) throw violation("its INITIATE was changed on its way");
    const publicKey = Uint8Array.from(content.subarray(0, CURVE_SIZES.key));
    this.#assertVouch(content, deriveBoxKey(shortSecret, publicKey), clientShort);

    const info = this.#options.authorize(publicKey); // I2
    if (info === undefined) {
      const why = `its public key ${encodeHex(publicKey)} is not known here, add it to the allowed keys`;
      throw new PeerFault("unauthenticated", why, "400");
    }
    const metadata = parseMetadata(content.subarray(128));
    this.#options.check(metadata);
    const session = createCurveSession({ asServer: true, boxKey, sent: 1, received });
    return { reply: this.#ready(boxKey), result: { metadata, session, publicKey, info } };
  }

  /** The vouch ties the client's long-term key to this handshake: it holds the client's short-term key and our key. */
  #assertVouch(content: Uint8Array, vouchKey: Uint8Array, clientShort: Uint8Array): void {
    const nonce = makeNonce(CURVE_NONCES.vouch, content.subarray(32, 48));
    const vouch = openBox(vouchKey, nonce, content.subarray(48, 128));
    if (
      vouch !== undefined &&
      nodeCrypto().timingSafeEqual(vouch, concat(clientShort, this.#options.keyPair.publicKey))
    )
      return;
    throw new PeerFault("unauthenticated", "it does not hold the secret key that belongs to its public key");
  }

  #ready(boxKey: Uint8Array): Uint8Array {
    const nonce = shortNonce(1);
    const box = sealBox(boxKey, makeNonce(CURVE_NONCES.ready, nonce), encodeMetadata(this.#options.metadata));
    return encodeCommand("READY", nonce, box);
  }
}

function openCookie(cookieKey: Uint8Array, cookie: Uint8Array): Cookie {
  const nonce = makeNonce(CURVE_NONCES.cookie, cookie.subarray(0, CURVE_SIZES.longNonce));
  const content = openBox(cookieKey, nonce, cookie.subarray(CURVE_SIZES.longNonce));
  if (content === undefined) throw violation("it sent back a cookie that is not ours");
  return { clientShort: content.subarray(0, CURVE_SIZES.key), serverShortSecret: content.subarray(CURVE_SIZES.key) };
}
