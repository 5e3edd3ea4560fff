import { COMMON_FLAGS, type CommandData } from "../command.ts";

/** `orrery up` */
export const upCommand: CommandData = {
  name: "up",
  summary: "Run the platform in one process: resources, and a web server over them",
  description:
    "Keeps everything in one folder, of which it is the only user: a PostgreSQL that it starts and stops, the key that secrets are closed with, files. Listens on this machine alone; whoever is on it acts as operator. Visitors come in at the web port, which may be open to all: a space answers for the host of its name, by its bind. Ctrl-C or SIGTERM finishes what was accepted and closes all; a second one ends at once. Killed at any moment, it goes on where it was when it is started again: whatever was answered is there.",
  words: { usage: "", summary: "", min: 0, max: 0 },
  flags: [
    {
      name: "profile",
      kind: "value",
      placeholder: "NAME",
      summary: "Flags that orrery.profiles.yaml in this folder has under that name; what is typed beside counts",
    },
    { name: "data", kind: "value", placeholder: "DIR", default: ".orrery/data", summary: "Folder of all that is kept" },
    {
      name: "database",
      kind: "value",
      placeholder: "WHICH",
      default: "embedded",
      summary: "embedded: a PostgreSQL of its own; pglite: one within the process; else the URL of any PostgreSQL",
    },
    {
      name: "blobs",
      kind: "value",
      placeholder: "WHERE",
      default: "directory",
      summary:
        "Where bytes are: directory, in the folder; else a bucket, as s3://BUCKET/PREFIX?endpoint=URL&region=NAME",
    },
    {
      name: "blob-keys",
      kind: "value",
      placeholder: "FILE",
      summary: "Keys of the bucket, as the tools of AWS write them; what the environment says by default",
    },
    {
      name: "kinds",
      kind: "value",
      placeholder: "FILE",
      summary: "Kinds of resources, as YAML or JSON; they are kept, and a file takes the place of the one before",
    },
    {
      name: "events",
      kind: "value",
      placeholder: "WHERE",
      default: "embedded",
      summary: "Where events are kept: embedded, in the database; else the URL of a NATS with JetStream",
    },
    {
      name: "plans",
      kind: "value",
      placeholder: "FILE",
      summary: "What spaces cost, as YAML; one plan of 35 USD a month by default",
    },
    {
      name: "oidc",
      kind: "value",
      placeholder: "FILE",
      summary: "Issuer of OpenID Connect at which visitors may log in: issuer, clientId, users, clientSecret, claim",
    },
    {
      name: "stripe-keys",
      kind: "value",
      placeholder: "FILE",
      summary: "Keys of Stripe, which takes the payments; by default an operator says what is paid",
    },
    {
      name: "mail",
      kind: "value",
      placeholder: "URL",
      summary: "A mail server, smtp://HOST:PORT; by default letters stay in the folder mail of --data",
    },
    {
      name: "mail-from",
      kind: "value",
      placeholder: "ADDRESS",
      default: "orrery@localhost",
      summary: "From whom mail is",
    },
    {
      name: "signup",
      kind: "value",
      placeholder: "WHO",
      default: "invited",
      summary:
        "Who may sign up for a space: open, everybody with a mail address; invited, whom an operator invited; closed, nobody",
    },
    {
      name: "isolation",
      kind: "value",
      placeholder: "WHICH",
      default: "auto",
      summary:
        "How apps run: cage, each in name spaces and control groups of its own; none, as this user; auto, in cages where they can be had",
    },
    { name: "port", kind: "value", placeholder: "PORT", default: "7700", summary: "For commands and nodes; 0 for any" },
    { name: "http", kind: "value", placeholder: "PORT", default: "7701", summary: "For HTTP; 0 for any" },
    {
      name: "web-port",
      kind: "value",
      placeholder: "PORT",
      default: "7780",
      summary: "For visitors of spaces; 0 for any",
    },
    {
      name: "web-host",
      kind: "value",
      placeholder: "HOST",
      default: "127.0.0.1",
      summary: "Where visitors of spaces come in; 0.0.0.0 for everybody",
    },
    {
      name: "tls",
      kind: "value",
      placeholder: "HOW",
      summary:
        "Take visitors by TLS, and send all others there: acme, certificates by an authority of the world; own, by one of the platform's; else a file of a certificate, with --tls-key",
    },
    { name: "tls-key", kind: "value", placeholder: "FILE", summary: "Key of that certificate" },
    { name: "tls-port", kind: "value", placeholder: "PORT", default: "7743", summary: "For TLS; 0 for any" },
    {
      name: "acme",
      kind: "value",
      placeholder: "URL",
      summary: "Directory of the authority of --tls=acme; that of Let's Encrypt by default, whose terms you agree to",
    },
    { name: "acme-mail", kind: "value", placeholder: "ADDRESS", summary: "Whom that authority may write to" },
    { name: "acme-ca", kind: "value", placeholder: "FILE", summary: "Certificates by which it is known, as PEM" },
    {
      name: "dns",
      kind: "value",
      placeholder: "HOST:PORT",
      summary: "Server of the DNS in which proofs of domains are looked for; those of the machine by default",
    },
    {
      name: "allow-upstream",
      kind: "values",
      placeholder: "HOST:PORT",
      summary: "A web server that binds may pass requests on to; may be repeated, none by default",
    },
    ...COMMON_FLAGS,
  ],
  examples: [
    { words: "up", does: "until Ctrl-C" },
    { words: "up --data=/srv/orrery --port=7800 --http=8080", does: "elsewhere" },
    { words: "up --database=postgres://orrery@db.test/orrery", does: "over a PostgreSQL; the password in PGPASSWORD" },
    { words: "up --blobs='s3://bucket?endpoint=https://s3.test'", does: "with files in a bucket" },
    { words: "up --events='nats://nats.test:4222?replicas=3'", does: "with events in a NATS of three servers" },
    { words: "up --web-host=0.0.0.0 --web-port=80 --allow-upstream=127.0.0.1:9000", does: "open to visitors" },
    { words: "up --web-host=0.0.0.0 --web-port=80 --tls=acme --tls-port=443", does: "open to visitors, by TLS" },
    { words: "up --profile=lab", does: "as orrery.profiles.yaml has it under profiles, lab" },
    { words: "up --kinds=lamps.yaml", does: "with kinds of your own" },
    { words: "up --output=json", does: "a line of JSON once it is up" },
  ],
  load: () => import("../up/run-up.ts"),
};
