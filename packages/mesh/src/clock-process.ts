/** The program of a process that runs a part of a world; started by `launchClock`, never by hand. */
import { serveMember } from "./clock/member-process.ts";
import { createParentChannel } from "./system-process.ts";

serveMember(createParentChannel());
