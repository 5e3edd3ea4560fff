import { AccountsService, AppsService, CallsService } from "@orrery/platform/service";
import {
  AdminService,
  BillingService,
  BrokerService,
  ConfigService,
  EventsService,
  MembersService,
  SignupService,
  StoreService,
} from "@orrery/platform/services";
import { BundleService } from "@orrery/registry/bundles";
import { BroadcastService, FileService, RegistryService, UsageService } from "@orrery/registry/service";

/** Who asks, and of which Space, which may be another's, or none. */
export interface AskedOf {
  readonly space: string;
  /** Address of whoever asks; `anonymous` for nobody. */
  readonly agent: string;
  /** What was begun in the Space by its owner; where there is none, names that nothing has. */
  readonly upload: string;
  readonly archive: string;
}

/**
 * What an outsider is told by a method. `closed`: he is refused, or is told that there is nothing. `empty`: he is answered with nothing of it. `own`: it is
 * about whoever asks, or about all. `operators`: nobody but operators may. In each case the same, whether the Space is full, empty, or none.
 */
export type DenyKind = "closed" | "empty" | "own" | "operators";

/** What one method is asked, in one way after the other. */
export interface DenyCase {
  readonly kind: DenyKind;
  readonly asks: readonly ((of: AskedOf) => object)[];
}

/** A contract of protobuf. */
export interface ListedService {
  readonly typeName: string;
  readonly methods: readonly { readonly name: string; readonly localName: string; readonly methodKind: string }[];
}

/** What a service's methods are asked, by their names in code; a method that is missing does not compile. */
interface DenyRow {
  readonly service: ListedService;
  readonly methods: Readonly<Record<string, DenyCase>>;
}

type Ask = (of: AskedOf) => object;
const closed = (...asks: readonly Ask[]): DenyCase => ({ kind: "closed", asks });
const empty = (...asks: readonly Ask[]): DenyCase => ({ kind: "empty", asks });
const own = (ask: Ask = () => ({})): DenyCase => ({ kind: "own", asks: [ask] });
const operators = (ask: Ask = () => ({})): DenyCase => ({ kind: "operators", asks: [ask] });

function row<S extends { readonly method: object } & ListedService>(
  service: S,
  methods: Readonly<Record<keyof S["method"] & string, DenyCase>>,
): DenyRow {
  return { service, methods };
}

const app = ({ space }: AskedOf) => ({ address: `${space}:app` });
const files = ({ space }: AskedOf) => `${space}:files`;
const user = ({ space }: AskedOf) => ({ user: `${space}:users:bob` });
const inSpace = ({ space }: AskedOf) => ({ space });
const key = ({ space }: AskedOf) => ({ space, database: "main", table: "orders", key: "a" });
const topic = ({ space }: AskedOf) => ({ space, topic: "orders" });
const group = (of: AskedOf) => ({ ...topic(of), group: "billing" });
const receipts = (of: AskedOf) => ({ ...group(of), receipts: ["a-1-1"] });
const call = (of: AskedOf) => ({ ...app(of), call: { service: "test.sayer", method: "say", body: "e30=" } });
const STRATEGIES = ["STRATEGY_CREATE", "STRATEGY_ENSURE", "STRATEGY_UPDATE"];
const DIGEST = `sha256:${"a".repeat(64)}`;

/** Every method of every service that a platform answers with at its HTTP port, and what each is asked. */
export const DENY_TABLE: readonly DenyRow[] = [
  row(RegistryService, {
    create: closed(
      ...STRATEGIES.flatMap((strategy) => [
        (of: AskedOf) => ({ address: files(of), kind: "FileSystem", strategy }),
        (of: AskedOf) => ({ address: `${files(of)}-2`, kind: "FileSystem", strategy }),
        (of: AskedOf) => ({ address: `${files(of)}:/d/e/`, kind: "Directory", directories: true, strategy }),
        ({ space }: AskedOf) => ({ address: space, kind: "Space", strategy }),
      ]),
      (of) => ({ address: `${of.space}:own`, kind: "FileSystem", owner: `${of.space}:users:bob` }),
    ),
    change: closed(
      (of) => ({ address: files(of), labels: { a: "b" } }),
      (of) => ({ address: files(of), owner: of.agent, ifRevision: 1 }),
    ),
    remove: closed(
      (of) => ({ address: files(of), recursive: true }),
      (of) => ({ address: files(of), ifRevision: 1 }),
      ({ space }) => ({ address: space, recursive: true }),
    ),
    lock: closed((of) => ({ address: files(of), ttlMs: 1_000 })),
    unlock: closed((of) => ({ address: files(of), force: true })),
    get: closed(
      (of) => ({ address: files(of) }),
      ({ space }) => ({ address: space }),
      ({ space }) => ({ address: `${space}:code:[live]:/a.txt` }),
    ),
    list: empty(
      ({ space }) => ({ selector: `${space}:**` }),
      (of) => ({ selector: files(of) }),
    ),
    // What everybody sees stands behind what nobody may: so it is known when all was told.
    watch: empty(({ space }) => ({ selector: `${space}:**`, also: ["pub.test:**"], after: 0 })),
    can: closed((of) => ({ agent: `${of.space}:users:bob`, verb: "read", address: files(of) })),
    whoami: own(),
    kinds: own(),
  }),
  row(FileService, {
    beginUpload: closed(
      (of) => ({ address: `${files(of)}:/a.txt`, bytes: 1 }),
      (of) => ({ address: `${files(of)}:/a.txt`, bytes: 1, ifRevision: 1 }),
      (of) => ({ address: `${files(of)}:/b.txt`, bytes: 1 }),
      (of) => ({ address: `${files(of)}:/d/b.txt`, bytes: 1 }),
    ),
    appendUpload: closed(({ upload }) => ({ upload, offset: 0, data: "YQ==" })),
    finishUpload: closed((of) => ({ upload: of.upload, address: `${files(of)}:/b.txt`, digest: DIGEST, bytes: 1 })),
    abandonUpload: empty(({ upload }) => ({ upload })),
    readFile: closed((of) => ({ address: `${files(of)}:/a.txt` })),
  }),
  row(BundleService, {
    begin: closed(({ space, archive }) => ({ address: `${space}:code:2.0.0`, archive, bytes: 1, digest: DIGEST })),
    append: closed(({ archive }) => ({ archive, offset: 0, piece: "YQ==" })),
    publish: closed(({ space, archive }) => ({ address: `${space}:code:2.0.0`, archive, manifest: "{}" })),
    describe: closed(({ space }) => ({ address: `${space}:code:1.0.0` })),
    fetch: closed(({ space }) => ({ address: `${space}:code:1.0.0` })),
    setTag: closed(({ space }) => ({ series: `${space}:code`, tag: "live", version: "1.0.0" })),
    listMoves: closed(({ space }) => ({ series: `${space}:code`, tag: "live" })),
  }),
  row(BroadcastService, {
    send: closed((of) => ({ address: files(of), method: "ring", message: {} })),
    follow: closed((of) => ({ address: files(of) })),
  }),
  row(UsageService, {
    quotas: empty((of) => ({ address: files(of) })),
    readUsage: closed(({ space }) => ({ address: space })),
  }),
  row(ConfigService, {
    get: closed((of) => ({ ...inSpace(of), path: "a" })),
    set: closed((of) => ({ ...inSpace(of), steps: [{ path: "a", value: 1 }] })),
    history: closed(inSpace),
    watch: closed(inSpace),
  }),
  row(StoreService, {
    get: closed(key),
    set: closed((of) => ({ ...key(of), value: "YQ==" })),
    remove: closed(key),
    batch: closed((of) => ({ space: of.space, writes: [{ table: "orders", key: "a", value: "YQ==" }] })),
    list: closed(inSpace),
    tables: closed(inSpace),
  }),
  row(EventsService, {
    publish: closed((of) => ({ ...topic(of), events: [{}] })),
    fetch: closed((of) => ({ ...group(of), max: 1 })),
    consume: closed(group),
    ack: closed(receipts),
    nack: closed(receipts),
    extend: closed((of) => ({ ...receipts(of), visibilityMs: 1_000 })),
    read: closed(topic),
    follow: closed(topic),
    republish: closed((of) => ({ ...topic(of), offsets: [1] })),
    listTopics: closed(inSpace),
    setTopic: closed(topic),
    removeTopic: closed(topic),
    listGroups: closed(topic),
    setGroup: closed(group),
    removeGroup: closed(group),
  }),
  row(BrokerService, {
    publish: closed(topic),
    subscribe: closed(topic),
  }),
  row(AccountsService, {
    login: closed((of) => ({ ...user(of), password: "no password of anybody" })),
    getIssuer: own(),
    loginByIssuer: own(() => ({ idToken: "none" })),
    refresh: closed(() => ({ refreshToken: "none" })),
    logout: own(() => ({ refreshToken: "none" })),
    setPassword: closed((of) => ({ ...user(of), password: "a password of moons" })),
    issueSecret: closed(user),
    listSessions: closed(user),
    revokeSessions: closed(user),
    createToken: closed((of) => ({ ...user(of), name: "t", scopes: [{ verbs: "r", on: `${of.space}:**` }] })),
    listTokens: closed(user),
    revokeToken: closed((of) => ({ ...user(of), name: "t" })),
  }),
  row(AdminService, {
    listCustomers: operators(),
    listAudit: operators(),
    checkAudit: operators(),
    addAlert: operators(() => ({ name: "a", url: "https://a.test/" })),
    listAlerts: operators(),
    removeAlert: operators(() => ({ name: "a" })),
    testAlert: operators(() => ({ name: "a" })),
    reportCheck: operators(),
    rotateAccessKey: operators(),
  }),
  row(AppsService, {
    getApp: closed(app),
    getStats: closed(app),
    getSpans: closed(app),
    getMetrics: closed(app),
    readLog: closed(app),
    tailLogs: closed(
      ({ space }) => ({ pattern: `${space}:app:**` }),
      ({ space }) => ({ pattern: `${space}:**`, follow: true }),
    ),
    attach: closed((of) => ({ ...app(of), components: ["sayer"] })),
    watchServices: closed(inSpace),
  }),
  row(CallsService, {
    listServices: empty(inSpace),
    call: closed(call),
    stream: closed(call),
    send: closed((of) => ({ ...app(of), method: "say", message: "e30=" })),
  }),
  row(BillingService, {
    listPlans: own(),
    getSubscription: closed(inSpace),
    subscribe: closed((of) => ({ ...inSpace(of), email: "ann@a.test" })),
    choosePlan: closed((of) => ({ ...inSpace(of), plan: "developer" })),
    cancel: closed(inSpace),
    continue: closed(inSpace),
    pay: closed(inSpace),
    paymentPage: closed((of) => ({ ...inSpace(of), returnTo: "https://a.test/" })),
    preview: closed(inSpace),
    listInvoices: closed(inSpace),
    listSubscriptions: operators(),
    listRefusals: closed(inSpace, () => ({ all: true })),
    markPaid: operators(({ space }) => ({ invoice: `${space}/1` })),
  }),
  row(SignupService, {
    // Whether somebody was invited is told by a letter to his address alone.
    begin: empty(({ space, agent }) => ({ email: `${agent.length}-${space}@a.test`, join: space })),
    confirm: closed(() => ({ signup: DIGEST, code: "2222-2222" })),
    order: closed(({ space }) => ({ signup: DIGEST, space, user: "eve", password: "a password of moons" })),
    get: closed(() => ({ signup: DIGEST })),
    paymentPage: closed(() => ({ signup: DIGEST, returnTo: "https://a.test/" })),
    pay: closed(() => ({ signup: DIGEST })),
    abandon: closed(() => ({ signup: DIGEST })),
  }),
  row(MembersService, {
    invite: closed((of) => ({ ...inSpace(of), email: "x@a.test" })),
    listInvites: closed(inSpace),
    revokeInvite: closed((of) => ({ ...inSpace(of), email: "x@a.test" })),
    leave: own(),
    deleteSpace: closed(({ space }) => ({ space, confirm: space })),
  }),
];
