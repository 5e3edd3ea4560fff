/** Asks an issuer of OpenID Connect who somebody is, for commands: all that they need, and nothing of a platform. */
export type { OidcKept } from "./login/oidc.ts";
export { createIssuer, type IssuedLogin, type Issuer, type IssuerOptions } from "./login/system-issuer.ts";
