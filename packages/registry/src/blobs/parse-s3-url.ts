import { OrreryError } from "@orrery/core";

/** By which a store that speaks S3 knows who asks. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of keys that were lent for a while. Default: none. */
  readonly sessionToken?: string;
}

/** A place in a store that speaks S3. */
export interface S3Place {
  readonly bucket: string;
  /** `""`, or ends in `/`. */
  readonly prefix: string;
  readonly region: string;
  /** URL of its server; absent for Amazon's. */
  readonly endpoint?: string;
  /** Absent: as the environment has them. */
  readonly credentials?: S3Keys;
}

const NOT_ENCODED = "it is no URL: percent-encode what is special in key, secret and prefix";

/**
 * Reads `s3://[KEY:SECRET@]BUCKET[/PREFIX][?region=…][&endpoint=…]`. The region is `us-east-1` where none is said.
 * @throws OrreryError `invalid_argument`; its text has no secret
 */
export function parseS3Url(text: string): S3Place {
  const refuse = (why: string): never => {
    const shown = text.replace(/\/\/[^@/]*@/, "//…@");
    throw new OrreryError("invalid_argument", `Cannot use "${shown}" for blobs: ${why}`);
  };
  if (!text.startsWith("s3://")) refuse("it starts with s3://, as in s3://bucket/prefix?region=eu-west-1");
  const url = URL.parse(text) ?? refuse(NOT_ENCODED);
  if (url.hostname === "") refuse("it names no bucket, as in s3://bucket/prefix");
  const stray = [...url.searchParams.keys()].find((name) => name !== "region" && name !== "endpoint");
  if (stray !== undefined) refuse(`"${stray}" is none of region, endpoint`);
  const endpoint = url.searchParams.get("endpoint");
  if (endpoint !== null && !/^https?:\/\/./.test(endpoint)) refuse("its endpoint starts with http:// or https://");
  const decoded = [url.pathname, url.username, url.password].map((part) => decode(part) ?? refuse(NOT_ENCODED));
  const [inside = "", accessKeyId = "", secretAccessKey = ""] = decoded;
  const path = inside.split("/").filter(Boolean).join("/");
  if ((accessKeyId === "") !== (secretAccessKey === ""))
    refuse("it has a key or a secret: give both, as in s3://KEY:SECRET@bucket");
  return {
    bucket: url.hostname,
    prefix: path === "" ? "" : `${path}/`,
    region: url.searchParams.get("region") ?? "us-east-1",
    ...(endpoint === null ? {} : { endpoint }),
    ...(accessKeyId === "" ? {} : { credentials: { accessKeyId, secretAccessKey } }),
  };
}

/** Undoes percent-encoding; `undefined` where it is none. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
