/** Most bytes of a pod file. */
export const POD_FILE_BYTES_MAX = 256 * 1024;
/** Most containers of a pod. */
export const CONTAINERS_MAX = 16;
/** Most ports of a container. */
export const PORTS_MAX = 32;
/** Most variables of a container. */
export const VARIABLES_MAX = 256;
/** Most volumes of a pod, and most secrets. */
export const VOLUMES_MAX = 32;
/** Most copies of a pod on one provider. */
export const REPLICAS_MAX = 64;
/** Most words of a command. */
export const COMMAND_WORDS_MAX = 64;
/** Most cores of a container. */
export const CORES_MAX = 256;
/** Most devices of a container. */
export const GPUS_MAX = 16;
/** Most public addresses of a pod. */
export const ADDRESSES_MAX = 8;
/** Most letters of a sealed pod as JSON. */
export const SEALED_POD_BYTES_MAX = 512 * 1024;
