import type { Random } from "@orrery/core";

/** Bytes of chance in each secret. */
const SECRET_BYTES = 32;
const REFRESH = /^orr_([A-Za-z0-9_-]{1,2000})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/;
const WEB = /^orw_([A-Za-z0-9_-]{1,2000})\.([A-Za-z0-9_-]{43})$/;
const API = /^ort_([A-Za-z0-9_-]{1,2000})\.([A-Za-z0-9_-]{43})$/;

/** What a refresh token says: of which session it is, that its holder had one of that session, and that it is the newest. */
export interface RefreshToken {
  /** Address of the session. */
  readonly session: string;
  readonly family: string;
  readonly secret: string;
}

/** What a browser shows, or a program: a resource, and a secret that goes with it. */
export interface ApiTokenText {
  readonly address: string;
  readonly secret: string;
}

/** Draws a secret. */
export function drawSecret(random: Random): string {
  return Buffer.from(random.bytes(SECRET_BYTES)).toString("base64url");
}

/** Writes a refresh token. */
export function printRefreshToken({ session, family, secret }: RefreshToken): string {
  return `orr_${Buffer.from(session).toString("base64url")}.${family}.${secret}`;
}

/** Reads a refresh token; `undefined` for what is none. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, session, family, secret] = REFRESH.exec(text) ?? [];
  if (session === undefined || family === undefined || secret === undefined) return undefined;
  return { session: Buffer.from(session, "base64url").toString("utf8"), family, secret };
}

/** Writes a token for programs. */
export function printApiToken({ address, secret }: ApiTokenText): string {
  return `ort_${Buffer.from(address).toString("base64url")}.${secret}`;
}

/** Reads a token for programs; `undefined` for what is none. */
export function parseApiToken(text: string): ApiTokenText | undefined {
  const [, address, secret] = API.exec(text) ?? [];
  if (address === undefined || secret === undefined) return undefined;
  return { address: Buffer.from(address, "base64url").toString("utf8"), secret };
}

/** Writes what a browser shows of its session. */
export function printWebToken({ address, secret }: ApiTokenText): string {
  return `orw_${Buffer.from(address).toString("base64url")}.${secret}`;
}

/** Reads what a browser shows; `undefined` for what is none. */
export function parseWebToken(text: string): ApiTokenText | undefined {
  const [, address, secret] = WEB.exec(text) ?? [];
  if (address === undefined || secret === undefined) return undefined;
  return { address: Buffer.from(address, "base64url").toString("utf8"), secret };
}
