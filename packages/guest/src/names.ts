/** Version of the interface between mechtrons and hosts: what `orrery_abi` gives, and `abi` of a script's default export says. */
export const GUEST_ABI = 1;

/** The service by which a mechtron asks its host: `now`, `sleep`, `random`, `config` and `artifact`. */
export const HOST_SERVICE = "orrery.host";

/** The service by which a mechtron works with resources: `get`, `list`, `create`, `set`, `delete`, `read`, `write`, `watch` and `unwatch`. */
export const RESOURCES_SERVICE = "orrery.resources";

/** The service by which a mechtron reads and writes its state: `get`, `set`, `delete` and `keys`. */
export const STATE_SERVICE = "orrery.state";

/** The service by which a host tells a mechtron of what it watches: `changed`, and `said` for messages to broadcasts. */
export const WATCH_SERVICE = "orrery.watch";
