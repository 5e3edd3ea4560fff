/** Letters of the JSON of evidence. */
export const EVIDENCE_LETTERS_MAX = 4 * 1024 ** 2;

/** What was measured on one machine since it started. */
export const MEASUREMENTS_MAX = 16_384;

/** Images of one pod. */
export const EVIDENCE_IMAGES_MAX = 256;

/** Certificates from a signing key to an issuer. */
export const CERTIFICATES_MAX = 8;

/** Letters of one certificate in PEM. */
export const CERTIFICATE_LETTERS_MAX = 16_384;

/** Letters of an attestation policy. */
export const POLICY_LETTERS_MAX = 262_144;

/** Issuers, parts of a base, and digests of one part that a policy names. */
export const POLICY_ENTRIES_MAX = 64;
