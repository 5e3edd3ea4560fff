/** A mistake that people make, and what the page of mistakes tells them to do. */
export interface Mistake {
  /** What went wrong, in the words of whoever made it. */
  readonly title: string;
  /** What is typed behind `orrery`, as a shell reads it. */
  readonly line: string;
  /** What to do. */
  readonly mend: string;
}

/** Mistakes that have something in common, under one heading. */
export interface MistakeGroup {
  readonly heading: string;
  readonly mistakes: readonly Mistake[];
}

/** Files that commands of the page name, by their paths. */
export const MISTAKE_FILES: Readonly<Record<string, string>> = {
  "a.txt": "hello\n",
  "routes.yaml": "routes:\n  - path: /a\n    redirct: /b\n",
  "site/index.html": "one\n",
  "other/index.html": "two\n",
  "picture/bundle.yaml": "name: Site\nimage: logo.jpg\n",
  "picture/img/logo.png": "\n",
  "windows/..\\up.txt": "\n",
  "twice.orrery": "create 'demo.test:b<Base>'\n\ncreate 'demo.test:b<Base>'\n",
  "typo.orrery": "create 'demo.test:c<Base>'\ncraete 'demo.test:d<Base>'\n",
  "quote.orrery": "create 'demo.test:c<Base>\n",
};

/** What is there when the first mistake is made. */
export const MISTAKE_SETUP: readonly string[] = [
  "create 'demo.test<Space>'",
  "create 'demo.test:files<FileSystem>'",
  "create 'demo.test:docs<Base>'",
  "cp a.txt demo.test:files:/a.txt",
  "cp routes.yaml demo.test:files:/routes.yaml",
  "publish site demo.test:site:1.0.0",
  "tag demo.test:site latest 1.0.0",
  "auth grant r on 'demo.test:**' to bob",
  "lock demo.test:docs --ttl=1h",
  "lock demo.test:files:/a.txt --ttl=1h",
];

const m = (title: string, line: string, mend: string): Mistake => ({ title, line, mend });

/** Every mistake of the page, in the order in which they are made. */
export const MISTAKES: readonly MistakeGroup[] = [
  {
    heading: "Addresses",
    mistakes: [
      m("A blank in an address", "create 'Demo Test<Space>'", "Write a `-`, or a `.`, in its place."),
      m("Capitals", "get demo.test:Files", "Write small letters: addresses have no others, paths may."),
      m("A sign that names do not have", "get demo.test:my_files", "Write `-` in its place."),
      m("Nothing between two colons", "create 'demo.test:<Base>'", "Write the name that is missing."),
      m("Two colons", "get demo.test::files", "Write one: what stands before two is the name of another network."),
      m("A way out of a file system", "cp a.txt demo.test:files:/../x", "Write the whole way from `/`."),
      m("A version with two numbers", "publish site demo.test:site:2.0", "Write three, as in `2.0.0`."),
      m("No version", "publish site demo.test:site", "Write one behind the series, as in `demo.test:site:2.0.0`."),
      m("A relative address", "get .:files", "Write the whole address: relative ones are for binds."),
      m(
        "A step behind all steps",
        "ls 'demo.test:**:a'",
        "Write `*` for each step between, and `**` at the end alone.",
      ),
      m("A kind that is left open", "create 'demo.test:x<Base'", "Close it."),
    ],
  },
  {
    heading: "Creating and removing",
    mistakes: [
      m(
        "A kind that is misspelt",
        "create 'other.test<Sapce>'",
        "Take the proposed one; a kind that is none is refused with all that there are.",
      ),
      m("No kind", "create demo.test:x", "Write it behind the address."),
      m("Two kinds", "create 'demo.test:x<Base>' --kind=Role", "Leave one out."),
      m("A parent that is missing", "create 'no.test:x<FileSystem>'", "Create the parent first."),
      m("The wrong parent", "create 'demo.test:files:x<Space>'", "Put it where the message says that it may lie."),
      m("The wrong kind of name", "create 'demo.test:1.0.0<Base>'", "Name it as the message shows."),
      m(
        "An address that is in use",
        "create 'demo.test:files<FileSystem>'",
        "Choose another one; or leave it as it is with `--ensure`, or change it with `--update`.",
      ),
      m(
        "Another kind is there",
        "create 'demo.test:files<Base>' --ensure",
        "A resource keeps its kind: remove it first, or choose another address.",
      ),
      m("A version that is made by hand", "create 'demo.test:site:2.0.0<Bundle>'", "Use `orrery publish`."),
      m("Something is in it", "rm demo.test", "Remove that first, or all with `--recursive`."),
      m("A tag names it", "rm demo.test:site:1.0.0", "Move the tag to another version, or remove the tag."),
      m("A file of a bundle", "rm demo.test:site:1.0.0:/index.html", "Publish another version without it."),
      m("Something that is not there", "get demo.test:fiels", "Take the proposed one, or list what is there."),
    ],
  },
  {
    heading: "Properties",
    mistakes: [
      m("A property that is misspelt", `set 'demo.test{ +titel="Hi" }'`, "Take the proposed one."),
      m(
        "A value of the wrong type",
        "set 'demo.test{ +title=7 }'",
        'Write what fits. Text that reads as a number stands in quotes: `+title="7"`.',
      ),
      m("A property that must be there", "create 'demo.test:g<Grant>'", "Give it."),
      m("The content as a property", "set 'demo.test:files:/routes.yaml{ +state=x }'", "Use `orrery cp`."),
      m("What was published", "set demo.test:site:1.0.0 --set name=Other", "Publish another version."),
      m("A change without a sign", `set 'demo.test{ title="Hi" }'`, "Write `+` to set and `!` to take away."),
      m("A block that is left open", `set 'demo.test{ +title="Hi"'`, "Close it."),
      m("A quote that is left open", `set 'demo.test{ +title="Hi }'`, "Close it."),
      m("A property twice", "set 'demo.test{ +title=a, +title=b }'", "Leave one out."),
      m("Nothing to set", "set demo.test", "Say what to change."),
      m("A flag without a value", "set demo.test --set title", "Write `NAME=VALUE`."),
      m("A property that is not set", "get 'demo.test{ titel }'", "Look what it has."),
      m(
        "A bind with a mistake",
        "set 'demo.test{ +bind=demo.test:files:/routes.yaml }'",
        "Mend the file where the caret stands and upload it anew; the bind before stays in force meanwhile.",
      ),
      m("A bind that is not there", "set 'demo.test{ +bind=demo.test:files:/none.yaml }'", "Upload it first."),
    ],
  },
  {
    heading: "Others write, too",
    mistakes: [
      m(
        "Somebody changed it since",
        "set demo.test --set title=Hi --if-revision=999",
        "Read it again, and decide anew.",
      ),
      m(
        "A revision that is none",
        "set demo.test --set title=Hi --if-revision=abc",
        "Write the number that `orrery get` shows.",
      ),
      m(
        "It is locked",
        "set demo.test:docs --set title=Hi",
        "Wait until then, or write with the token that `orrery lock` printed.",
      ),
      m("It is locked, for a copy", "cp a.txt demo.test:files:/a.txt", "The same."),
      m("It is locked already", "lock demo.test:docs", "Wait until then."),
      m(
        "A token of a lock that ended",
        "set demo.test:docs --set title=Hi --token=1.0",
        "Lock it again, and look what others wrote since.",
      ),
      m(
        "The wrong token",
        "unlock demo.test:docs --token=1.0",
        "Show the token that `orrery lock` printed; its owner may use `--force`.",
      ),
      m("No token", "unlock demo.test:docs", "The same."),
      m("A lock that is too short", "lock demo.test:docs --ttl=1ms", "Write a longer time."),
    ],
  },
  {
    heading: "Rights",
    mistakes: [
      m(
        "Nobody let you read it",
        "get demo.test --agent=ann",
        "Ask an owner for a grant; `orrery auth can` says what decides.",
      ),
      m("You may read, and not write", "set demo.test:files --set title=Hi --agent=bob", "The same."),
      m("You may create nothing there", "create 'demo.test:x<Base>' --agent=bob", "The same."),
      m("Somebody may not", "auth can ann write demo.test:files", "Nothing failed: exit code 3 means no."),
      m("A verb that is none", "auth can ann wirte demo.test:files", "Write one of those."),
      m("A letter that is no verb", "auth grant rwz on demo.test to ann", "Leave it out."),
      m("A grant without on", "auth grant rw demo.test to ann", "Write `on` before the address."),
      m(
        "A grant on everything",
        "auth grant r on '**' to ann",
        "Grant in each space: a grant lies in the space that it is about.",
      ),
      m("Nothing to take back", "auth revoke w on 'demo.test:**' to bob", "Look at the grants that there are."),
    ],
  },
  {
    heading: "Files, bundles and tags",
    mistakes: [
      m("A file that is not here", "cp b.txt demo.test:files:/b.txt", "Look for it: paths start from where you are."),
      m("A folder", "cp site demo.test:files:/site", "Copy its files, or publish it."),
      m("Two files here", "cp a.txt b.txt", "Write an address on one side, with `:/` in it."),
      m("A place for no files", "cp a.txt demo.test:docs:/a.txt", "Choose a file system, or make one."),
      m("A file that is not there", "cp demo.test:files:/b.txt b.txt", "List what is there."),
      m("A folder to copy to that is missing", "cp demo.test:files:/a.txt down/a.txt", "Make it."),
      m(
        "A folder to publish that is missing",
        "publish none demo.test:site:2.0.0",
        "Look for it: paths start from where you are.",
      ),
      m(
        "Other content under a version that is there",
        "publish other demo.test:site:1.0.0",
        "Publish it as the next version.",
      ),
      m("A bundle.yaml with a mistake", "publish picture demo.test:site:2.0.0", "Mend it at that line and column."),
      m("A name that leads out of a bundle", "publish windows demo.test:site:2.0.0", "Rename the file."),
      m(
        "A tag for a version that is missing",
        "tag demo.test:site latest 9.0.0",
        "Publish that version first, or name one that is there.",
      ),
      m("A tag for what is no version", "tag demo.test:site latest one", "Write the whole version."),
      m("A series that is missing", "tag demo.test:sight latest 1.0.0", "Publish a version of it first."),
    ],
  },
  {
    heading: "Commands and servers",
    mistakes: [
      m("A command that is misspelt", "craete 'demo.test:x<Base>'", "Take the proposed one."),
      m("A flag that is misspelt", "rm demo.test --recusive", "Take the proposed one."),
      m("A word too few", "get", "Write it."),
      m("A word too many", "rm demo.test:docs demo.test:files", "Use the command once for each, or a script."),
      m("A time that is none", "ls --timeout=soon", "Write a number and a unit."),
      m("A server that is away", "ls --to=tcp://127.0.0.1:1", "Start `orrery up`, or name the server that runs."),
      m("A server that is none", "ls --to=localhost", "Write an address with `tcp://` and a port."),
      m("To watch what is not there", "watch demo.test:nope", "Create it first."),
      m("To watch from the future", "watch demo.test --after=999", "Write a revision that was."),
      m("A message to what takes none", "send demo.test:docs hello", "Send to resources whose kind has a component."),
      m("A message that is no JSON", "send demo.test:docs hello '{n:1}'", "Write names in quotes."),
      m("A script that is missing", "script none.orrery", "Look for it: paths start from where you are."),
      m("A script with a typo", "script typo.orrery", "Mend the line; nothing of the script was done."),
      m("A script with an open quote", "script quote.orrery", "Close it; nothing of the script was done."),
      m("A line of a script that fails", "script twice.orrery", "Mend the line; those before it were done."),
    ],
  },
];
