import type { KeyObject } from "node:crypto";
import { encodeCommand, parseCommand } from "./command.ts";
import { deriveBoxKey, makeNonce, openBox, sealBox } from "./curve-box.ts";
import type { CurveKeyPair } from "./curve-key.ts";
import { createCurveSession } from "./curve-session.ts";
import { CURVE_NONCES, CURVE_SIZES, concat, readShortNonce, shortNonce } from "./curve-wire.ts";
import { PeerFault, violation } from "./errors.ts";
import type { HandshakeStep, Mechanism, MechanismOptions } from "./mechanism.ts";
import { encodeMetadata, parseMetadata } from "./metadata.ts";
import { refusalOf } from "./refusal.ts";
import type { ZmqSystem } from "./system.ts";
import { derivePublicKey, importSecretKey } from "./x25519.ts";

/** What the client side of CURVE needs: who it is, and the one server it will talk to. */
export interface CurveClientOptions extends MechanismOptions {
  readonly keyPair: CurveKeyPair;
  readonly serverKey: Uint8Array;
  readonly system: Pick<ZmqSystem, "randomBytes">;
}

/** The client side of the CURVE handshake (RFC 26): HELLO, then INITIATE for a WELCOME, until READY. */
export function createCurveClient(options: CurveClientOptions): Mechanism {
  return new CurveClient(options);
}

type ClientState =
  | { readonly kind: "fresh" }
  | { readonly kind: "greeted"; readonly helloKey: Uint8Array }
  | { readonly kind: "initiated"; readonly boxKey: Uint8Array };

/** Owns the short-term key pair of one handshake. I1: short nonces sent count 1, 2, 3 … over all commands. */
class CurveClient implements Mechanism {
  readonly name = "CURVE";
  readonly asServer = false;
  readonly #options: CurveClientOptions;
  readonly #shortSecret: KeyObject;
  readonly #shortPublic: Uint8Array;
  #state: ClientState = { kind: "fresh" };

  constructor(options: CurveClientOptions) {
    this.#options = options;
    this.#shortSecret = importSecretKey(options.system.randomBytes(CURVE_SIZES.key));
    this.#shortPublic = derivePublicKey(this.#shortSecret);
  }

  open(): Uint8Array {
    const helloKey = deriveBoxKey(this.#shortSecret, this.#options.serverKey);
    const nonce = shortNonce(1); // I1
    const box = sealBox(helloKey, makeNonce(CURVE_NONCES.hello, nonce), new Uint8Array(64));
    this.#state = { kind: "greeted", helloKey };
    return encodeCommand("HELLO", Uint8Array.of(1, 0), new Uint8Array(72), this.#shortPublic, nonce, box);
  }

  receive(body: Uint8Array): HandshakeStep {
    const { name, data } = parseCommand(body);
    if (name === "ERROR") throw refusalOf(data);
    if (name === "HELLO") throw new PeerFault("handshake_failed", "both sides are CURVE clients, one must be a server");
    const state = this.#state;
    switch (state.kind) {
      case "greeted":
        if (name !== "WELCOME" || body.length !== CURVE_SIZES.welcome) throw unexpected(name, "WELCOME");
        return { reply: this.#initiate(data, state.helloKey), result: undefined };
      case "initiated":
        if (name !== "READY" || body.length < CURVE_SIZES.readyMin) throw unexpected(name, "READY");
        return this.#finish(data, state.boxKey);
      case "fresh":
        throw unexpected(name, "nothing");
    }
  }

  #initiate(data: Uint8Array, helloKey: Uint8Array): Uint8Array {
    const { keyPair, serverKey, metadata, system } = this.#options;
    const nonce = makeNonce(CURVE_NONCES.welcome, data.subarray(0, CURVE_SIZES.longNonce));
    const welcome = openBox(helloKey, nonce, data.subarray(CURVE_SIZES.longNonce));
    if (welcome === undefined) throw wrongServer();
    const serverShort = welcome.subarray(0, CURVE_SIZES.key);
    const cookie = welcome.subarray(CURVE_SIZES.key);

    const vouchNonce = system.randomBytes(CURVE_SIZES.longNonce);
    const vouchKey = deriveBoxKey(importSecretKey(keyPair.secretKey), serverShort);
    const vouch = sealBox(vouchKey, makeNonce(CURVE_NONCES.vouch, vouchNonce), concat(this.#shortPublic, serverKey));

    const boxKey = deriveBoxKey(this.#shortSecret, serverShort);
    const initiateNonce = shortNonce(2); // I1
    const content = concat(keyPair.publicKey, vouchNonce, vouch, encodeMetadata(metadata));
    const box = sealBox(boxKey, makeNonce(CURVE_NONCES.initiate, initiateNonce), content);
    this.#state = { kind: "initiated", boxKey };
    return encodeCommand("INITIATE", cookie, initiateNonce, box);
  }

  #finish(data: Uint8Array, boxKey: Uint8Array): HandshakeStep {
    const nonce = data.subarray(0, CURVE_SIZES.shortNonce);
    const content = openBox(boxKey, makeNonce(CURVE_NONCES.ready, nonce), data.subarray(CURVE_SIZES.shortNonce));
    if (content === undefined) throw violation("its READY was changed on its way");
    const metadata = parseMetadata(content);
    this.#options.check(metadata);
    const session = createCurveSession({ asServer: false, boxKey, sent: 2, received: readShortNonce(nonce) });
    return {
      reply: undefined,
      result: { metadata, session, publicKey: this.#options.serverKey, info: undefined },
    };
  }
}

function unexpected(name: string, wanted: string): PeerFault {
  return violation(`it sent "${name.replace(/[^ -~]/g, "?")}" where a proper ${wanted} was due`);
}

function wrongServer(): PeerFault {
  return new PeerFault("unauthenticated", "it does not hold the secret key that belongs to the given server key");
}
