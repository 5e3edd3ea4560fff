/** Messages within messages, the outermost counted, that are decoded, encoded or copied; the same as protobuf-es and most peers. */
export const MESSAGE_DEPTH_MAX = 100;
/** Bytes that a new writer can hold before it first grows. */
export const WRITER_BYTES_INITIAL = 1024;
/** Block that `encode` cuts small results from, so that each does not pay for an allocation of its own. */
export const ENCODE_SLAB_BYTES = 64 * 1024;
/** Largest result cut from a shared block; a larger one gets memory of its own and pins nothing else. */
export const ENCODE_SLAB_RESULT_BYTES_MAX = 2048;
/** Longest text, in UTF-16 units, that is written one character at a time before `TextEncoder` is cheaper. */
export const SHORT_TEXT_WRITE_MAX = 40;
/** Longest text, in bytes, that is read one character at a time before `TextDecoder` is cheaper. */
export const SHORT_TEXT_READ_MAX = 32;
