/** Nodes of one network that a node takes to be there, itself included; more are not taken note of. */
export const MEMBERS_MAX = 4_096;
/** Dead and left nodes that are remembered. */
export const DEAD_MAX = 1_024;
/** How long a dead or left node is remembered: as long as a network that fell apart heals without a seed. */
export const DEAD_REMEMBER_MS = 3_600_000;
/** How long its load and the way to it are remembered, too. */
export const DEAD_REST_MS = 60_000;
/** Bytes of entries that go along with one message; also what one message of gossip holds. */
export const NEWS_BYTES_MAX = 1_200;
/** The same where the message is a datagram, of at most 1,400 bytes with what surrounds them. */
export const DATAGRAM_NEWS_BYTES_MAX = 1_000;
/** Pieces of news that wait to be passed on; over it, those that were told most often are dropped. */
export const NEWS_MAX = 2 * MEMBERS_MAX;
/** News is told this often, times the decimal logarithm of the number of nodes, rounded up. */
export const NEWS_REPEATS = 3;
/** A load is told this often at most. Loads may be old: six tellings reach all but one of four hundred, and digests find what was missed. */
export const LOAD_REPEATS = 6;
/** What one node says of loads, its own and those it heard of, in bytes of entries a second, whatever the loads do. */
export const LOAD_BYTES_PER_SECOND = 1_000;
/** Bytes that it says of loads at once when it said nothing of them before. */
export const LOAD_BYTES_AT_ONCE = 4_000;
/** Loads that wait to be passed on; over it, the oldest is dropped. */
export const LOADS_WAITING_MAX = 128;
/** Nodes take turns to tell their loads, of such a length that each can be passed on this often though all change. */
export const LOAD_TELLINGS = 2;
/** Turns that a node saves up while its load stays, to tell at once that it became full or free. */
export const LOAD_TURNS_SAVED = 3;
/** Bytes of entries in one page of what a node knows. An entry that is larger has a page of its own. */
export const PAGE_BYTES_MAX = 32 * 1024;
/** Bytes of one entry: what a node can say of itself. */
export const ENTRY_BYTES_MAX = 256 * 1024;
/** Bytes of one message that is accepted. */
export const GOSSIP_BYTES_MAX = ENTRY_BYTES_MAX + 4 * PAGE_BYTES_MAX;
/** Components that one node may tell of. */
export const ADVERT_COMPONENTS_MAX = 1_000;
/** Addresses that one node may tell of. */
export const ADVERT_ADDRESSES_MAX = 16;
/** Networks in which a gateway may have a foot beside the one in which it tells of them. */
export const ADVERT_NETWORKS_MAX = 8;
/** Components of other networks that a gateway tells of in one. */
export const OFFERS_MAX = 500;
/** Nodes that one tells what it wants of shared rates. */
export const SHARERS_TOLD_MAX = 64;
/** Shared rates that one message tells of. */
export const SHARES_MAX = 256;
/** How often nodes tell one another what they want of shared rates, in ms. */
export const SHARE_TELL_MS = 250;
/** Characters of a node's name. */
export const NODE_NAME_MAX = 256;
/** Nodes that one message asks the whole of. */
export const WANT_MAX = 64;
/** Sums in a digest. */
export const BUCKETS = 32;
/** Rings that all nodes stand on; each node watches and tells its neighbours on each ring, so at most twice as many. */
export const RINGS = 4;
/** Messages that wait on a link that is not up; more would only be old when it is. */
export const DOWN_WAITING_MAX = 2;
/** Probes that are open at once. */
export const PROBES_OPEN_MAX = 64;
/** Probes that a node makes for others at once. */
export const HELPED_MAX = 64;
/** Third nodes that are asked to probe. */
export const HELPERS = 3;
/** Nodes that one round of gossip tells. */
export const FANOUT = 3;
/** How unwell a node may take itself for: its waits are up to this much longer, plus one. */
export const HEALTH_MAX = 8;
/** A suspicion lasts this many probe intervals at least, times the decimal logarithm of the number of nodes. */
export const SUSPICION_MIN = 4;
/** It lasts this many times longer when nobody else suspects the node, too. */
export const SUSPICION_SPREAD = 6;
/** It lasts this many probe intervals where its machine says that nobody listens there, and somebody else suspects it, too. */
export const REFUSED_SUSPICION = 1;
/** Members that are looked at at once, whether their machines refuse. */
export const REFUSALS_OPEN_MAX = 64;
/** Other suspecters that make it as short as can be. */
export const CONFIRMATIONS = 3;
/** Addresses that are asked at once when a node knows nobody. */
export const JOINS_MAX = 8;
/** Nodes whose addresses the view on disk holds. */
export const VIEW_MEMBERS_MAX = 256;
/** Bytes of a view on disk that is read. */
export const VIEW_BYTES_MAX = 1024 * 1024;
/** The least time between two writes of the view, in ms. */
export const VIEW_WRITE_MS = 2_000;
/** Clients that a node tells of newcomers, beside those that it gossips with; over it, those go first that asked longest ago. */
export const LOOKERS_MAX = 256;
/** How long after it asked what there is a client is told of newcomers: it asks some node every 5 s at least. */
export const LOOKER_MS = 12_000;
/** Flows whose versions a node remembers; over it, those that were met first are forgotten. */
export const FLOWS_PINNED_MAX = 65_536;
/** Messages that wait for their component to be known. */
export const WAITING_MAX = 65_536;
/** Places of which a choice takes the least busy; of more, the less busy of two drawn. */
export const FEW_PLACES = 4;
/** How often two places are drawn before all are looked at. */
export const DRAWS_MAX = 4;
/** A place far away counts this many times busier than one near by. */
export const FAR_WEIGHT = 2;
/** A place in another network counts this many times busier than one in this. */
export const REMOTE_WEIGHT = 4;
/** What a place where calls bounce counts as busier: more than all calls that a node may have open, in another network. */
export const BOUNCING_WEIGHT = 1_048_576;
