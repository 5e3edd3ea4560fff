import { COMMON_FLAGS, type CommandData } from "../command.ts";

const FILE = { usage: "[FILE]", summary: "The pod file; pod.yaml by default", min: 0, max: 1 } as const;

/** Commands about pods: what is deployed on a provider. */
export const POD_COMMANDS: readonly CommandData[] = [
  {
    name: "pod init",
    summary: "Write a pod file",
    description:
      "Writes a pod file with one container, to go on from. A file that is there is left as it is. What else a pod file may say stands in docs/reference/pod-file.md.",
    words: FILE,
    flags: [
      {
        name: "image",
        kind: "value",
        placeholder: "IMAGE",
        summary: "A folder beside the file such as ./web, or an image in a registry by its digest or tag",
      },
      { name: "name", kind: "value", placeholder: "NAME", summary: "Of the pod; that of the image by default" },
      {
        name: "http",
        kind: "values",
        placeholder: "PORT",
        summary: "Port at which it answers HTTP, by the host of --host; may be repeated",
      },
      { name: "host", kind: "values", placeholder: "HOST", summary: "Host of that port; NAME.test by default" },
      { name: "tcp", kind: "values", placeholder: "PORT", summary: "Port at which it takes connections" },
      { name: "udp", kind: "values", placeholder: "PORT", summary: "Port at which it takes datagrams" },
      { name: "cpu", kind: "value", placeholder: "CORES", default: "100m", summary: "Cores that are held for it" },
      { name: "memory", kind: "value", placeholder: "SIZE", default: "128MiB", summary: "Memory that is held for it" },
      ...COMMON_FLAGS,
    ],
    examples: [
      { words: "pod init --image=./hello --http=8080", does: "pod.yaml, for a folder that answers HTTP" },
      { words: "pod init shop.yaml --image=registry.test/shop:2 --http=80 --host=shop.test", does: "of a registry" },
    ],
    load: () => import("../market/run-pod-init.ts"),
  },
  {
    name: "pod validate",
    summary: "Say what is wrong with a pod file",
    description:
      "Reads the file, and looks whether folders and secrets that it names are there. Every mistake is told with its line, its column and what would work. Asks nobody.",
    words: FILE,
    flags: [...COMMON_FLAGS],
    examples: [
      { words: "pod validate", does: "pod.yaml in this folder" },
      { words: "pod validate shop.yaml --output=json", does: "what would be held for it, for a program" },
    ],
    load: () => import("../market/run-pod-validate.ts"),
  },
  {
    name: "pod import",
    summary: "Make a pod file of a compose file",
    description:
      "Services become containers of one pod. What a pod cannot say is left out, and told with its line. A file that is there is left as it is.",
    words: { usage: "COMPOSE [FILE]", summary: "The compose file, and the pod file to write", min: 1, max: 2 },
    flags: [
      { name: "name", kind: "value", placeholder: "NAME", summary: "Of the pod; what the file says by default" },
      ...COMMON_FLAGS,
    ],
    examples: [{ words: "pod import compose.yaml", does: "writes pod.yaml" }],
    load: () => import("../market/run-pod-import.ts"),
  },
];
