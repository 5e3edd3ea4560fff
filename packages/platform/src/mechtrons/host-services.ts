import { OrreryError } from "@orrery/core";

/** @throws OrreryError `permission_denied` for services by which hosts alone speak to mechtrons, such as of what they watch */
export function assertForOthers(service: string, failing: string): void {
  if (!service.startsWith("orrery.")) return;
  throw new OrreryError("permission_denied", `${failing}: "${service}" is the platform's own, name another service`);
}
