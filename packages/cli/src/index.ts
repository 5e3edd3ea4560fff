/** The orrery command. `bin/orrery.js` starts it; there is nothing here for other programs. */
export { start } from "./start.ts";
