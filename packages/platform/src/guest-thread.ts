/** The program of a worker thread in which a mechtron runs; a cage starts it, never a hand. */
import { runGuestThread } from "./cage/system-guest-thread.ts";

runGuestThread();
