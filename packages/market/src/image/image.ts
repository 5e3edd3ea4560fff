/** What a digest of an image looks like. */
export const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** An image in plain, as it was checked. */
export interface Image {
  /** Of its manifest, or of the index by which it was named: `sha256:…`. */
  readonly digest: string;
  readonly config: ImageConfig;
  /** From the lowest. */
  readonly layers: readonly ImageLayer[];
}

/** How what an image is started. */
export interface ImageConfig {
  /** Empty where the image does not say it. */
  readonly command: readonly string[];
  readonly workingDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** A user of the image, by name or number, and a group after `:`. Empty: the first, with number 0. */
  readonly user: string;
  /** What its files lie on: programs and libraries of the machine on which it runs, or nothing, since it has all. */
  readonly base: "host" | "none";
}

/** Files that lie on those of the layers below. */
export interface ImageLayer {
  readonly digest: string;
  /** Its tar, checked against what the configuration says of it. @throws OrreryError `data_loss` */
  readonly tar: () => Uint8Array;
}

/** Reference to a blob, as manifests have it. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os?: string; readonly architecture?: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A manifest. */
export interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** Names of what registries and archives hold. */
export const MEDIA = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
} as const;

/** Label of a configuration that says what its files lie on. */
export const BASE_LABEL = "org.orrery.base";
