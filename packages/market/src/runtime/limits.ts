/** Longest name of a pod here, in letters. */
export const POD_NAME_MAX = 40;
/** Bytes that a container may write outside its volumes: they are held in memory, and count as its own. */
export const SCRATCH_BYTES_MAX = 4 * 1024 ** 3;
/** Bytes of all that is held in memory for pods: images and secrets in plain. */
export const MEMORY_FOLDER_BYTES_MAX = 64 * 1024 ** 3;
/** Processes of a container, threads included. */
export const THREADS_MAX = 1_024;
/** Files that a process of a container may have open. */
export const OPEN_FILES_MAX = 4_096;
/** How long a container may take to get well, in ms. */
export const WELL_MS = 60_000;
/** How often it may end before it is well, until its start is given up. */
export const START_ENDS_MAX = 3;
/** How long one runs until it counts as well that has neither a port nor a question, in ms. */
export const SETTLE_MS = 300;
/** Between the first two looks at one that is not well yet, in ms. */
export const PROBE_FIRST_MS = 8;
/** How much longer each next pause is. */
export const PROBE_GROWTH = 1.2;
/** The longest pause between two looks at one that is not well yet, in ms. */
export const PROBE_PAUSE_MS = 60;
/** How long an answer to a question of health may take, in ms. */
export const PROBE_MS = 3_000;
/** Questions in a row without the answer 200, after which it is not well. */
export const UNWELL_AFTER = 3;
/** Questions in a row without the answer 200, after which it is started anew. */
export const ANEW_AFTER = 10;
/** Between two looks at the memory of a container, in ms. */
export const WATCH_MS = 500;
/** The shortest pause before a container is started anew, in ms; it doubles from end to end. */
export const BACKOFF_MIN_MS = 200;
/** The longest one, in ms. */
export const BACKOFF_MAX_MS = 30_000;
/** How long it must have run for its ends before to be forgotten, in ms. */
export const BACKOFF_RESET_MS = 60_000;
/** Ends in a row without having been well, after which it is called failed; it is tried still. */
export const FAILED_AFTER = 5;
/** How long a process may take to end once it is asked to, in ms. */
export const STOP_MS = 10_000;
/** How long a copy goes on that nobody is sent to any more, at least, in ms: who has just been told of it still comes. */
export const DRAIN_MIN_MS = 150;
/** How long its open connections may hold it, in ms. */
export const DRAIN_MAX_MS = 2_000;
/** Bytes of one file of lines. */
export const LINE_FILE_BYTES = 1024 ** 2;
/** Bytes of all lines that are kept of a pod. */
export const LINES_BYTES_MAX = 8 * 1024 ** 2;
/** Files of lines that are kept of a pod. */
export const LINE_FILES_MAX = 64;
/** Longest line that is kept whole, in letters; longer ones become several. */
export const LINE_LETTERS_MAX = 8_192;
/** Bytes of lines that a container may write in a second, on each of its two ways; one that writes faster waits. */
export const LINES_BYTES_PER_S = 1024 ** 2;
/** What each line costs of them, beside its bytes. */
export const LINE_COST_BYTES = 64;
/** For so long it may write as fast as it can, after it wrote little, in ms of the bytes above. */
export const LINES_BURST_MS = 2_000;
/** Last lines that an error has of a container that does not get well. */
export const ERROR_LINES = 10;
/** Letters of one of these. */
export const ERROR_LINE_CHARS = 1_000;
/** How long a command of the machine may take, such as one that makes a network, in ms. */
export const COMMAND_MS = 20_000;
/** Users of the machine by which those of pods are known have numbers from here on, up to what bubblewrap takes, 2^31. */
export const USERS_FROM = 1_100_000_000;
/** Users of one pod. */
export const USERS_EACH = 65_536;
/** Pods that have users of their own. */
export const USER_SLOTS = 15_000;
/** Networks of copies that a machine has, all runtimes together. */
export const NETWORKS_MAX = 65_000;
/** Links that are followed to find a path in an image. */
export const LINKS_MAX = 40;
/** Volumes of so many MiB and more have a journal, which outlives a machine that loses its power; smaller ones are looked at instead. */
export const JOURNAL_FROM_MIB = 64;
/** Bytes of it, beside what a volume holds. */
export const JOURNAL_BYTES = 4 * 1024 ** 2;
/** How long it may take to make, or fill, the file system of a volume, in ms. */
export const IMAGE_COMMAND_MS = 3_600_000;
/** Between two looks at volumes that are counted, in ms. */
export const VOLUME_LOOK_MS = 10_000;
/** How long one of them may hold more than it says before its pod is stopped, in ms. */
export const VOLUME_NOTICE_MS = 60_000;
/** How many times its size one of them may hold; beyond, its pod is stopped without notice. */
export const VOLUME_TIMES_MAX = 2;
/** Entries of volumes that are counted to tell what they hold. */
export const COUNTED_ENTRIES_MAX = 1_000_000;
