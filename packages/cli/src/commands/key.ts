import { COMMON_FLAGS, type CommandData, type FlagData } from "../command.ts";
import { PASSWORD_FLAG } from "../login/password-flag.ts";
import { MARKET_FLAG } from "./market-flags.ts";

const RECORD_FLAGS: readonly FlagData[] = [
  MARKET_FLAG,
  {
    name: "wallet",
    kind: "value",
    placeholder: "NAME",
    summary:
      "Whose artifacts; ORRERY_WALLET, else the wallet that the market file names, else your only one by default",
  },
  {
    name: "record",
    kind: "value",
    placeholder: "FILE",
    summary: "Their record; that of the bench of this folder, else yours",
  },
];
const SERVICE_FLAGS: readonly FlagData[] = [...RECORD_FLAGS, PASSWORD_FLAG];
const ARTIFACT = {
  usage: "ARTIFACT",
  summary: "A digest or its first digits, POD/NAME, or POD for all of it",
  min: 1,
  max: 1,
};

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
  {
    name: "key ls",
    aliases: ["key list"],
    summary: "List images and secrets that were sealed, and how often their keys were given",
    description: "Reads the record of a publisher. No password is asked for, for no key is opened.",
    words: { usage: "", summary: "", min: 0, max: 0 },
    flags: [...RECORD_FLAGS, ...COMMON_FLAGS],
    examples: [{ words: "key ls", does: "all of them" }],
    load: () => import("../market/run-key-ls.ts"),
  },
  {
    name: "key revoke",
    summary: "Give a key to nobody any more",
    description:
      "From now on no deployment gets the key, from this record or from a key service that was given it. Pods that have it keep it; what they opened may be kept. A deployment of what was revoked fails until orrery key renew.",
    words: ARTIFACT,
    flags: [
      ...SERVICE_FLAGS,
      {
        name: "service",
        kind: "values",
        placeholder: "URL",
        summary: "Key service that has it, beside those of the record",
      },
      ...COMMON_FLAGS,
    ],
    examples: [
      { words: "key revoke shop/token", does: "the secret token of pod shop" },
      { words: "key revoke shop", does: "all that pod shop consists of" },
    ],
    load: () => import("../market/run-key-revoke.ts"),
  },
  {
    name: "key renew",
    summary: "Let what was revoked be sealed anew, under another key",
    description:
      "The next upload or deployment seals it under another key and sends it. The revoked key stays with nobody new.",
    words: ARTIFACT,
    flags: [...RECORD_FLAGS, ...COMMON_FLAGS],
    examples: [{ words: "key renew shop/token", does: "once the secret may run again" }],
    load: () => import("../market/run-key-renew.ts"),
  },
  {
    name: "key audit",
    summary: "Print what was asked of a key service, and what became of it",
    description:
      "The newest first: put, released to which key for which pod, refused and why, revoked. For the wallet that put the key.",
    words: ARTIFACT,
    flags: [
      ...SERVICE_FLAGS,
      { name: "service", kind: "value", placeholder: "URL", summary: "The service; that of the record by default" },
      ...COMMON_FLAGS,
    ],
    examples: [{ words: "key audit shop/token", does: "who was given it" }],
    load: () => import("../market/run-key-audit.ts"),
  },
];
