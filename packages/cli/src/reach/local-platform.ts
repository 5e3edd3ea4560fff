import { createHttpClient } from "@orrery/http";
import { RegistryService } from "@orrery/registry/service";
import { LOCAL_HTTP } from "../environments/environments.ts";
import { LOCAL_LOOK_MS } from "../limits.ts";
import { isAway } from "../resources/server.ts";

/** Tells whether a platform runs on this machine where it is when it is told no ports. Where nothing listens, that is known at once. */
export async function isPlatformHere(): Promise<boolean> {
  const client = createHttpClient({ url: LOCAL_HTTP });
  try {
    await client.client(RegistryService).whoami({}, { timeoutMs: LOCAL_LOOK_MS });
    return true;
  } catch (error) {
    return !isAway(error);
  } finally {
    client.close();
  }
}
