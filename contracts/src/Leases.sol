// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Accounts} from "./Accounts.sol";
import {Dues} from "./Dues.sol";
import {Beat, Darkness, Terms, TermsLib, Voucher} from "./Terms.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// Leases of capacity: a payment channel, a provider's bond and a payer's account in one. No proof of service, no accrual; the bond pays for
/// darkness; each party can end alone, in a time that the terms bound. The name of a lease is the hash of its terms: a quote opens one lease
/// once, and what it was is never anew.
contract Leases is Accounts, EIP712 {
    using SafeCast for uint256;
    using TermsLib for *;

    uint256 private constant REST_PERIOD = 30 days;
    uint256 private constant SHARES = 10_000;

    enum State {
        None,
        /// Money and bond are in, and the provider has not started.
        Open,
        Active,
        /// Somebody gave notice: service until `endsAt`, settlement from `settlesAt` on.
        Closing,
        /// The deposit is used up: as Closing, but money brings it back.
        Overdrawn,
        /// A challenge was not answered. Until `settlesAt` late evidence counts.
        Defaulted,
        Settled
    }

    struct Lease {
        State state;
        uint40 openedAt;
        uint40 startedAt;
        uint40 endsAt;
        uint40 settlesAt;
        /// Seconds of service that are proven.
        uint40 covered;
        /// Seconds in which watchers found the pod dark.
        uint40 excluded;
        /// Watchers have spoken of what was before.
        uint40 judgedTo;
        /// Who opened it, and signs vouchers.
        address publisher;
        /// When service was last proven.
        uint40 lastBeat;
        uint40 payableAt;
        /// Whose account pays, and is paid back.
        address payer;
        uint40 answerBy;
        uint40 calmUntil;
        /// Key that signs beats.
        address session;
        uint64 challengedIn;
        /// Whoever challenges, or proved the default.
        address challenger;
        uint40 restFrom;
        uint40 restTo;
        uint128 deposit;
        uint128 paid;
        /// A total that the provider asks for, payable from `payableAt` on; 0 for none.
        uint128 proposed;
        uint40 returnedAt;
        /// In default, when service would have ended anyway, by notice; 0 for never.
        uint40 darkTo;
        /// Rest announced in the period that is counted by its number since the start.
        uint32 restUsed;
        uint32 restPeriod;
    }

    mapping(bytes32 lease => Lease) private _leases;

    event Opened(bytes32 indexed lease, address indexed provider, address indexed publisher, address payer, uint256 deposit, Terms terms);
    event Started(bytes32 indexed lease, address session);
    event Cancelled(bytes32 indexed lease, address by);
    event Funded(bytes32 indexed lease, address by, uint256 deposit);
    event Shown(bytes32 indexed lease, uint40 madeAt, uint40 covered, bytes32 meter, uint64 volume);
    event Proposed(bytes32 indexed lease, uint256 total, uint40 payableAt);
    event Paid(bytes32 indexed lease, uint256 total);
    event Challenged(bytes32 indexed lease, address indexed challenger, uint40 answerBy);
    event Answered(bytes32 indexed lease);
    event Failed(bytes32 indexed lease, uint40 lastBeat, uint40 settlesAt);
    event Returned(bytes32 indexed lease);
    event Noticed(bytes32 indexed lease, address by, uint40 endsAt, uint40 settlesAt);
    event Drained(bytes32 indexed lease, uint40 endsAt, uint40 settlesAt);
    event Resting(bytes32 indexed lease, uint40 from, uint40 to);
    event Dark(bytes32 indexed lease, uint40 from, uint40 to);
    event Settled(bytes32 indexed lease, uint256 earned, uint256 refunded, uint256 forfeited);

    error WrongState(bytes32 lease, State state);
    error NotYours(bytes32 lease, address caller);
    error BadSignature(string what);
    error Expired(uint40 since);
    error TooEarly(uint40 until);
    error TooLate(uint40 since);
    error Overclaim(uint256 total, uint256 most);
    error Stale(uint256 total, uint256 had);
    error BadBeat(string why);
    error BadWindow(uint40 from, uint40 to);
    error AlreadyChallenged(address challenger);
    error NotChallenged();

    constructor(IERC20 token_) Accounts(token_) EIP712("Orrery Leases", "1") {}

    // Reading

    function leaseOf(bytes32 lease) external view returns (Lease memory) {
        return _leases[lease];
    }

    function nameOf(Terms calldata terms) external pure returns (bytes32) {
        return terms.hash();
    }

    /// What the provider may claim by what is proven on the chain, without a voucher.
    function claimable(Terms calldata terms) external view returns (uint256) {
        Lease storage own = _leases[terms.hash()];
        return Math.min(own.deposit, Dues.cap(terms, _served(own)));
    }

    // Beginning

    /// Opens a lease by a quote, with money of the payer: the caller, or who allowed it. Locks the provider's bond.
    function open(Terms calldata terms, bytes calldata quote, address payer, uint128 amount) external returns (bytes32 lease) {
        lease = terms.hash();
        Lease storage own = _leases[lease];
        if (own.state != State.None) revert WrongState(lease, own.state);
        terms.check();
        if (block.timestamp > terms.expires) revert Expired(terms.expires);
        if (terms.publisher != address(0) && terms.publisher != msg.sender) revert NotYours(lease, msg.sender);
        if (!SignatureChecker.isValidSignatureNow(terms.provider, _hashTypedDataV4(lease), quote)) revert BadSignature("quote");
        if (amount == 0) revert NothingToDo();
        own.state = State.Open;
        own.openedAt = uint40(block.timestamp);
        own.publisher = msg.sender;
        own.payer = payer;
        own.deposit = amount;
        _spend(payer, amount, uint256(terms.rate) + terms.usageCap);
        _lock(terms.provider, terms.bond);
        emit Opened(lease, terms.provider, msg.sender, payer, amount, terms);
    }

    /// The provider serves from now on, by this session key.
    function start(Terms calldata terms, address session) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        if (msg.sender != terms.provider) revert NotYours(lease, msg.sender);
        if (own.state != State.Open) revert WrongState(lease, own.state);
        uint40 until = own.openedAt + terms.startWindow;
        if (block.timestamp > until) revert TooLate(until);
        if (session == address(0)) revert BadSignature("session");
        own.state = State.Active;
        own.startedAt = uint40(block.timestamp);
        own.lastBeat = own.startedAt;
        own.judgedTo = own.startedAt;
        own.session = session;
        emit Started(lease, session);
    }

    /// Takes back a lease that was not started: either side may, at any time.
    function cancel(Terms calldata terms) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        if (own.state != State.Open) revert WrongState(lease, own.state);
        if (msg.sender != terms.provider && !_pays(own)) revert NotYours(lease, msg.sender);
        own.state = State.Settled;
        _release(terms.provider, terms.bond, 0);
        _credit(own.payer, lease, own.deposit);
        emit Cancelled(lease, msg.sender);
    }

    /// Adds to the deposit, of the payer's account.
    function fund(Terms calldata terms, uint128 amount) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        bool may = own.state == State.Open || own.state == State.Active || own.state == State.Overdrawn || own.state == State.Closing;
        if (!may) revert WrongState(lease, own.state);
        if (amount == 0) revert NothingToDo();
        _spend(own.payer, amount, uint256(terms.rate) + terms.usageCap);
        own.deposit += amount;
        if (own.state == State.Overdrawn && block.timestamp < own.settlesAt && own.answerBy == 0) {
            own.state = State.Active;
            own.endsAt = 0;
            own.settlesAt = 0;
            own.lastBeat = uint40(block.timestamp);
            own.calmUntil = own.lastBeat + terms.beatPeriod + terms.responseWindow;
        }
        emit Funded(lease, msg.sender, own.deposit);
    }

    // Paying

    /// Pays up to what the publisher agreed to in all, or the deposit where that is less. It counts as proof of service through its time.
    function redeem(Terms calldata terms, uint128 total, uint40 upTo, bytes calldata signature) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        _assertRunning(lease, own);
        bytes32 digest = _hashTypedDataV4(Voucher({lease: lease, total: total, upTo: upTo}).hash());
        if (!SignatureChecker.isValidSignatureNow(own.publisher, digest, signature)) revert BadSignature("voucher");
        uint40 through = uint40(Math.min(upTo, _now(own)));
        if (through > own.lastBeat) {
            own.covered += through - own.lastBeat;
            own.lastBeat = through;
        }
        _pay(lease, own, terms.provider, uint128(Math.min(total, own.deposit)));
    }

    /// Shows a beat: service is proven through its time. Anybody may.
    function show(Terms calldata terms, Beat calldata beat, bytes calldata signature) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        _assertRunning(lease, own);
        _take(lease, own, beat, signature);
    }

    /// The provider asks for a total that a beat proves, payable once the challenge window has passed; in the place of what it asked before.
    function propose(Terms calldata terms, uint128 total, Beat calldata beat, bytes calldata signature) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        if (msg.sender != terms.provider) revert NotYours(lease, msg.sender);
        _assertRunning(lease, own);
        uint40 payableAt = uint40(block.timestamp) + terms.challengeWindow;
        if (own.settlesAt != 0 && payableAt > own.settlesAt) revert TooLate(own.settlesAt - terms.challengeWindow);
        _take(lease, own, beat, signature);
        uint256 most = Math.min(own.deposit, Dues.cap(terms, _served(own)));
        if (total > most) revert Overclaim(total, most);
        if (total <= own.paid) revert Stale(total, own.paid);
        own.proposed = total;
        own.payableAt = payableAt;
        emit Proposed(lease, total, payableAt);
    }

    /// Pays what was proposed and waited long enough. Anybody may.
    function collect(Terms calldata terms) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        _assertRunning(lease, own);
        if (own.proposed == 0) revert NothingToDo();
        if (block.timestamp < own.payableAt) revert TooEarly(own.payableAt);
        if (own.answerBy != 0) revert AlreadyChallenged(own.challenger);
        uint128 total = _proposal(terms, own);
        own.proposed = 0;
        if (total > own.paid) _pay(lease, own, terms.provider, total);
    }

    // Doubting

    /// Asks the provider for a sign of life, within the response window. Whoever asks puts in a bond, and loses it where the sign comes.
    function challenge(Terms calldata terms) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        bool may = own.state == State.Active || own.state == State.Closing || own.state == State.Overdrawn;
        if (!may) revert WrongState(lease, own.state);
        if (own.answerBy != 0) revert AlreadyChallenged(own.challenger);
        if (own.endsAt != 0 && block.timestamp > own.endsAt) revert TooLate(own.endsAt);
        uint40 from = uint40(Math.max(own.lastBeat + terms.beatPeriod, own.calmUntil));
        if (block.timestamp < from) revert TooEarly(from);
        uint40 answerBy = uint40(block.timestamp) + terms.responseWindow;
        if (own.restFrom <= answerBy && block.timestamp < own.restTo) revert TooEarly(own.restTo);
        own.challenger = msg.sender;
        own.challengedIn = block.number.toUint64();
        own.answerBy = answerBy;
        _debit(msg.sender, terms.challengeBond);
        emit Challenged(lease, msg.sender, answerBy);
    }

    /// Answers a challenge by a beat that is younger. The challenger's bond pays for the trouble.
    function answer(Terms calldata terms, Beat calldata beat, bytes calldata signature) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        if (own.answerBy == 0 || own.state == State.Defaulted) revert NotChallenged();
        if (block.timestamp > own.answerBy) revert TooLate(own.answerBy);
        _assertYoung(beat, own.challengedIn);
        _take(lease, own, beat, signature);
        own.answerBy = 0;
        own.challenger = address(0);
        own.calmUntil = uint40(block.timestamp) + terms.challengeWindow;
        _credit(terms.provider, lease, terms.challengeBond);
        emit Answered(lease);
    }

    /// A challenge was not answered: the lease is in default. Anybody may say so; whoever challenged has its bond back.
    function fail(Terms calldata terms) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        if (own.answerBy == 0 || own.state == State.Defaulted) revert NotChallenged();
        if (block.timestamp <= own.answerBy) revert TooEarly(own.answerBy + 1);
        own.state = State.Defaulted;
        own.answerBy = 0;
        own.challengedIn = block.number.toUint64();
        own.darkTo = own.endsAt;
        own.endsAt = _now(own);
        own.settlesAt = uint40(block.timestamp) + terms.challengeWindow;
        _credit(own.challenger, lease, terms.challengeBond);
        emit Failed(lease, own.lastBeat, own.settlesAt);
    }

    /// In default, ends the darkness that is counted: a beat shows that the provider is back.
    function comeBack(Terms calldata terms, Beat calldata beat, bytes calldata signature) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        if (own.state != State.Defaulted) revert WrongState(lease, own.state);
        if (own.returnedAt != 0) revert NothingToDo();
        _assertYoung(beat, own.challengedIn);
        _assertSigned(lease, own, beat, signature);
        own.returnedAt = uint40(block.timestamp);
        emit Returned(lease);
    }

    /// A quorum of the watchers that the terms name found the pod dark in a window: it is not paid. Windows are told in order, each within
    /// the challenge window after its end.
    function reportDark(Terms calldata terms, uint40 from, uint40 to, address[] calldata watchers, bytes[] calldata signatures) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        _assertRunning(lease, own);
        bool isBad = from >= to || from < own.judgedTo || to > block.timestamp || block.timestamp > uint256(to) + terms.challengeWindow;
        if (isBad) revert BadWindow(from, to);
        if (terms.watchers == bytes32(0) || keccak256(abi.encodePacked(watchers)) != terms.watchers) revert BadSignature("watchers");
        bytes32 digest = _hashTypedDataV4(Darkness({lease: lease, from: from, to: to}).hash());
        uint256 agreed = 0;
        address before = address(0);
        for (uint256 index = 0; index < watchers.length && index < signatures.length; index++) {
            if (watchers[index] <= before) revert BadSignature("watchers");
            before = watchers[index];
            if (signatures[index].length != 0 && SignatureChecker.isValidSignatureNow(watchers[index], digest, signatures[index])) {
                agreed++;
            }
        }
        if (agreed < terms.quorum) revert BadSignature("quorum");
        own.judgedTo = to;
        own.excluded += to - from;
        emit Dark(lease, from, to);
    }

    // Ending

    /// Gives notice. The last C + R of it are for claims and doubts; service ends before. Either side may, and shorten what the other said.
    function close(Terms calldata terms) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        bool isProvider = msg.sender == terms.provider;
        if (!isProvider && !_pays(own)) revert NotYours(lease, msg.sender);
        if (own.state != State.Active && own.state != State.Closing && own.state != State.Overdrawn) revert WrongState(lease, own.state);
        uint40 notice = isProvider ? terms.providerNotice : terms.publisherNotice;
        uint40 settlesAt = uint40(block.timestamp) + notice;
        if (own.settlesAt != 0 && settlesAt >= own.settlesAt) revert NothingToDo();
        own.state = State.Closing;
        own.settlesAt = settlesAt;
        own.endsAt = settlesAt - terms.challengeWindow - terms.responseWindow;
        emit Noticed(lease, msg.sender, own.endsAt, settlesAt);
    }

    /// What is proven has used the deposit up: the provider need not serve on. Money brings the lease back.
    function drain(Terms calldata terms) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        if (msg.sender != terms.provider) revert NotYours(lease, msg.sender);
        if (own.state != State.Active) revert WrongState(lease, own.state);
        uint256 owed = Math.max(own.paid, Dues.base(terms, _served(own)));
        if (owed < own.deposit) revert Overclaim(own.deposit, owed);
        own.state = State.Overdrawn;
        own.endsAt = uint40(block.timestamp);
        own.settlesAt = own.endsAt + terms.challengeWindow + terms.responseWindow;
        emit Drained(lease, own.endsAt, own.settlesAt);
    }

    /// The provider announces a rest, as long ahead as its notice and within the budget of 30 days: no pay, no challenge, no penalty.
    function rest(Terms calldata terms, uint40 from, uint40 to) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        if (msg.sender != terms.provider) revert NotYours(lease, msg.sender);
        if (own.state != State.Active) revert WrongState(lease, own.state);
        bool isBad = from >= to || from < block.timestamp + terms.providerNotice || from < own.restTo || block.timestamp < own.restTo;
        if (isBad) revert BadWindow(from, to);
        uint32 period = (uint256(from - own.startedAt) / REST_PERIOD).toUint32();
        uint256 used = (period == own.restPeriod ? own.restUsed : 0) + (to - from);
        if (used > terms.restBudget) revert Overclaim(used, terms.restBudget);
        own.restPeriod = period;
        own.restUsed = used.toUint32();
        own.restFrom = from;
        own.restTo = to;
        emit Resting(lease, from, to);
    }

    /// Ends it: the provider has what is proven, the payer the rest and what the bond pays for darkness. Anybody may, when it is time.
    function settle(Terms calldata terms) external {
        (bytes32 lease, Lease storage own) = _find(terms);
        State was = own.state;
        if (was != State.Closing && was != State.Overdrawn && was != State.Defaulted) revert WrongState(lease, was);
        if (block.timestamp < own.settlesAt) revert TooEarly(own.settlesAt);
        if (own.answerBy != 0) revert AlreadyChallenged(own.challenger);
        own.state = State.Settled;
        uint256 earned = Math.min(own.deposit, Dues.base(terms, _served(own)));
        earned = Math.max(earned, Math.max(own.paid, _proposal(terms, own)));
        uint256 forfeited = was == State.Defaulted ? Dues.penalty(terms, _dark(own), earned) : 0;
        uint256 share = (forfeited * terms.challengerShare) / SHARES;
        uint256 refunded = own.deposit - earned;
        uint256 due = earned - own.paid;
        own.paid = earned.toUint128();
        own.proposed = 0;
        _release(terms.provider, terms.bond, forfeited);
        _credit(terms.provider, lease, due);
        _credit(own.payer, lease, refunded + forfeited - share);
        _credit(own.challenger, lease, share);
        emit Settled(lease, earned, refunded, forfeited);
    }

    // Inside

    function _find(Terms calldata terms) private view returns (bytes32 lease, Lease storage own) {
        lease = terms.hash();
        own = _leases[lease];
    }

    function _pays(Lease storage own) private view returns (bool) {
        return msg.sender == own.publisher || msg.sender == own.payer;
    }

    function _assertRunning(bytes32 lease, Lease storage own) private view {
        if (own.state < State.Active || own.state > State.Defaulted) revert WrongState(lease, own.state);
    }

    /// Seconds that are to be paid: proven, and not more than passed without those that watchers found dark.
    function _served(Lease storage own) private view returns (uint256) {
        uint256 passed = own.lastBeat - own.startedAt;
        return Math.min(own.covered, passed > own.excluded ? passed - own.excluded : 0);
    }

    /// Time until which service can be: now, or when it ended.
    function _now(Lease storage own) private view returns (uint40) {
        uint40 now_ = uint40(block.timestamp);
        return own.endsAt != 0 && own.endsAt < now_ ? own.endsAt : now_;
    }

    function _assertYoung(Beat calldata beat, uint64 since) private view {
        if (beat.blockNumber < since) revert BadBeat("its block is older than the challenge");
        if (beat.blockHash == bytes32(0) || blockhash(beat.blockNumber) != beat.blockHash) {
            revert BadBeat("its block is none of this chain");
        }
    }

    function _assertSigned(bytes32 lease, Lease storage own, Beat calldata beat, bytes calldata signature) private view {
        if (beat.lease != lease) revert BadBeat("it is of another lease");
        if (beat.madeAt > block.timestamp) revert BadBeat("its time is to come");
        if (ECDSA.recover(_hashTypedDataV4(beat.hash()), signature) != own.session) revert BadSignature("beat");
    }

    /// Takes a beat for proven: time that is covered grows with time that passed, and never past the end.
    function _take(bytes32 lease, Lease storage own, Beat calldata beat, bytes calldata signature) private {
        _assertSigned(lease, own, beat, signature);
        if (beat.madeAt < own.lastBeat || beat.covered < own.covered) revert BadBeat("a younger one was shown");
        // Late evidence is of what was before the default: a sign of the return says nothing of the time between.
        if (own.state == State.Defaulted && beat.madeAt > own.endsAt) revert BadBeat("it was made after the default");
        uint40 through = uint40(Math.min(beat.madeAt, _now(own)));
        uint40 passed = through > own.lastBeat ? through - own.lastBeat : 0;
        if (beat.covered - own.covered > passed) revert BadBeat("it covers more than has passed");
        own.covered = beat.covered;
        if (passed != 0) own.lastBeat = through;
        emit Shown(lease, beat.madeAt, beat.covered, beat.meter, beat.volume);
    }

    function _proposal(Terms calldata terms, Lease storage own) private view returns (uint128) {
        return uint128(Math.min(own.proposed, Math.min(own.deposit, Dues.cap(terms, _served(own)))));
    }

    function _pay(bytes32 lease, Lease storage own, address provider, uint128 total) private {
        if (total <= own.paid) revert Stale(total, own.paid);
        uint256 due = total - own.paid;
        own.paid = total;
        _credit(provider, lease, due);
        emit Paid(lease, total);
    }

    /// Seconds from the last proven service to the return, or until now, without the rest that was announced.
    function _dark(Lease storage own) private view returns (uint256) {
        uint256 to = own.returnedAt != 0 ? own.returnedAt : block.timestamp;
        if (own.darkTo != 0 && own.darkTo < to) to = own.darkTo;
        uint256 from = own.lastBeat;
        if (to <= from) return 0;
        uint256 restFrom = Math.max(from, own.restFrom);
        uint256 restTo = Math.min(to, own.restTo);
        return to - from - (restTo > restFrom ? restTo - restFrom : 0);
    }
}
