import { REQUEST_BYTES } from "../cage/limits.ts";
import type { Target } from "./bind.ts";
import { SERVICE_BODY_BYTES_MAX } from "./limits.ts";

/** Bytes that a body may have at most which is in memory as a whole, for it is handed on so; undefined where it is not. */
export function wholeBodyBytesMax(kind: Target["kind"]): number | undefined {
  if (kind === "service") return SERVICE_BODY_BYTES_MAX;
  return kind === "mechtron" ? REQUEST_BYTES : undefined;
}
