import { APP_KIND, DOMAIN_KIND, LOG_LEVEL_KIND, MECHTRON_KIND } from "@orrery/platform";
import { BROADCAST_KIND, type Kind } from "@orrery/registry";

/** The kinds that every `orrery up` has beside those of every registry. */
export const PLATFORM_KINDS: readonly Kind[] = [APP_KIND, BROADCAST_KIND, DOMAIN_KIND, LOG_LEVEL_KIND, MECHTRON_KIND];
