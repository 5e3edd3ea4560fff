import { COMMON_FLAGS, type CommandData } from "../command.ts";

/** Commands about keys of artifacts: of images and secrets that were sent away encrypted. */
export const KEY_COMMANDS: readonly CommandData[] = [
  {
    name: "key serve",
    summary: "Keep keys of images and secrets, for pods that prove what they run",
    description:
      "Keeps keys that publishers hand over, each under a policy: which pods, which images, what is taken as proof, until when. Gives a key to a pod whose evidence meets its policy, until its owner revokes it. Its own key is closed by the TPM of the machine, to this program's files alone; without --tpm it lies in a file, which protects nothing from whoever has the disk. Whoever chooses this service trusts it.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [
      {
        name: "wallet",
        kind: "value",
        placeholder: "NAME",
        summary: "As whom it is known; it is not opened. Default: your only wallet",
      },
      {
        name: "folder",
        kind: "value",
        placeholder: "DIR",
        default: ".orrery/key-service",
        summary: "Where it keeps what it has",
      },
      { name: "host", kind: "value", placeholder: "HOST", default: "127.0.0.1", summary: "Address that it listens at" },
      { name: "port", kind: "value", placeholder: "PORT", default: "7760", summary: "Port of HTTP; 0 for any" },
      {
        name: "tpm",
        kind: "value",
        placeholder: "TCTI",
        summary: "Where the TPM is, as tpm2-tools have it, such as device:/dev/tpmrm0",
      },
      ...COMMON_FLAGS,
    ],
    examples: [
      { words: "key serve", does: "on this machine alone, for trying things" },
      { words: "key serve --folder=/srv/keys --tpm=device:/dev/tpmrm0", does: "by the machine's TPM" },
    ],
    load: () => import("../market/run-key-serve.ts"),
  },
];
