import type { CageLimits } from "@orrery/mesh/supervise";

/** How long the key by which processes of an app are known is used, in ms; then the next takes its place. */
export const APP_KEY_TURN_MS = 86_400_000;
/** How long until that is tried again where it was put back, in ms. */
export const APP_KEY_AGAIN_MS = 600_000;
/** Bytes of an `orrery.yaml`. */
export const APP_FILE_BYTES_MAX = 256 * 1024;
/** Components of one app. */
export const APP_COMPONENTS_MAX = 64;
/** Mechtrons of one app. */
export const APP_MECHTRONS_MAX = 256;
/** Methods of one mechtron in an `orrery.yaml`. */
export const MECHTRON_METHODS_MAX = 200;
/** Settings of one mechtron in an `orrery.yaml`. */
export const MECHTRON_SETTINGS_MAX = 200;
/** Processes of one component of an app. */
export const APP_INSTANCES_MAX = 64;
/** Resources that one app may require. */
export const APP_REQUIRES_MAX = 100;
/** Resources that one app may have made. */
export const APP_RESOURCES_MAX = 100;
/** Variables, and secrets, of one app. */
export const APP_VARIABLES_MAX = 200;
/** Bytes of a variable's value. */
export const APP_VARIABLE_BYTES_MAX = 32 * 1024;
/** What a process of an app may use where nobody says otherwise. */
export const APP_LIMITS: CageLimits = {
  of: "this platform",
  memoryBytes: 1024 * 1024 * 1024,
  processors: 4,
  threadsMax: 256,
  scratchBytes: 256 * 1024 * 1024,
};
/** How long the parts of an app may take to be ready, in ms. */
export const APP_START_MS = 60_000;
/** How long a new process of an app must be ready before an old one goes, in ms: so long its callers take to hear of it. */
export const APP_STEADY_MS = 1_000;
/** How long a process of an app that is to go may take to finish what it accepted, in ms. */
export const APP_DRAIN_MS = 10_000;
/** How often it is looked whether callers have found the parts of an app, in ms. */
export const APP_LOOK_MS = 20;
/** Versions of code that are kept unpacked although no app runs or wants them: those that were used last. */
export const APP_CODE_KEPT = 8;
/** Messages that components of one app send to addresses at a time; more wait. */
export const MESSAGE_INSTANCES = 64;
/** How long such a message may take where its caller says nothing, in ms. */
export const MESSAGE_LONGEST_MS = 30_000;
/** Questions of how apps stand that are answered at once; further ones wait. */
export const APPS_ASKED_AT_ONCE = 16;
/** Digests of an app's files that are remembered where it is served from its folder. */
export const FOLDER_DIGESTS_MAX = 10_000;
/** How long the check of an app's types may take, in ms. */
export const CHECK_MS = 120_000;
/** What the compiler may use. */
export const CHECK_CAGE: CageLimits = {
  of: "the check of types",
  memoryBytes: 1024 * 1024 * 1024,
  processors: 2,
  threadsMax: 64,
  scratchBytes: 1024 * 1024,
};
/** How long the compiler may use the processor, in s. */
export const CHECK_CPU_S = 60;
/** Addresses that the compiler may have, used or not, in KiB. */
export const CHECK_MEMORY_KIB = 8 * 1024 * 1024;
/** What is kept of what the compiler says, in characters. */
export const CHECK_SAID_LENGTH = 64 * 1024;
/** Lines of that, which the status of an app has. */
export const CHECK_LINES_MAX = 50;
/** Checks of types of which is remembered how they ended. */
export const CHECKS_REMEMBERED = 1_000;
/** Calls of apps from outside that are under way at once; further ones wait. */
export const CALLS_AT_ONCE = 512;
/** Calls of the apps of one Space from outside that are under way at once; further ones are refused. */
export const CALLS_OF_SPACE_AT_ONCE = 128;
/** How often a call to a component is tried whose process ends beneath it. */
export const CALL_TRIES_MAX = 4;
/** How long is waited before the second try, in ms; before each further one so much longer. */
export const CALL_AGAIN_MS = 25;
/** Releases of an app that are remembered, the one that runs among them. */
export const APP_HISTORY_KEPT = 10;
/** How long a process of an app may take to answer a question about itself, in ms. */
export const INSPECT_MS = 2_000;
/** Processes of an app that are asked at once. */
export const INSPECT_AT_ONCE = 8;
/** How often it is looked whether the services of a space are others, in ms. */
export const SERVICES_LOOK_MS = 200;
/** Apps of a space whose services are told. */
export const SERVICES_APPS_MAX = 1_000;
/** How often it is looked whether a process that attaches has come, in ms. */
export const ATTACH_LOOK_MS = 100;
/** How often it is told that it is attached, and looked whether it still may be, in ms. */
export const ATTACH_TOLD_MS = 2_000;
/** Ways in which the apps of one space are shown, by what is hidden, that are remembered. */
export const APP_VIEWS_MAX = 32;
