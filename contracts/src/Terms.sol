// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What a provider offers in a quote, and what then holds for the lease that is opened by it. Amounts are base units of the token of the
/// contract, rates billionths of them a second, times seconds. The provider signs it as typed data (EIP-712); its hash is the name of the lease.
// In the order of the typed data; it is only ever in calldata, never in storage.
// solhint-disable-next-line gas-struct-packing
struct Terms {
    /// Who runs the pod, and whose stake backs it.
    address provider;
    /// Who alone may open the lease; zero for whoever has the quote.
    address publisher;
    /// Digest of the manifest of the pod.
    bytes32 manifest;
    /// Digest of the policy that evidence must meet.
    bytes32 policy;
    /// A second of what is reserved, in billionths.
    uint64 rate;
    /// The most that use may cost in a second, beside the rate, in billionths.
    uint64 usageCap;
    /// What the provider loses at most.
    uint128 bond;
    /// What whoever challenges puts in; the provider has it when it answers.
    uint128 challengeBond;
    /// Beats are at most so far apart. (H)
    uint32 beatPeriod;
    /// Darkness that costs the provider nothing but the pay. (G)
    uint32 grace;
    /// How long a proposal waits to be challenged, and a default for late evidence. (C)
    uint32 challengeWindow;
    /// Time to answer a challenge. (R)
    uint32 responseWindow;
    /// From the publisher's notice to settlement; the last C + R of it are without service. (U)
    uint32 publisherNotice;
    /// From the provider's notice to settlement, and of rests that it announces. (N)
    uint32 providerNotice;
    /// Time in which the provider starts; later the lease can only be cancelled.
    uint32 startWindow;
    /// Announced rest in each 30 days: no pay, no challenge, no penalty.
    uint32 restBudget;
    /// Length of the first tier of darkness beyond grace, and what a second of it costs, in rates.
    uint32 tier1;
    uint16 factor1;
    /// The second tier; what is beyond costs the third factor.
    uint32 tier2;
    uint16 factor2;
    uint16 factor3;
    /// The penalty is at most so many times what the provider earns by the lease; 0 for no such bound.
    uint16 earningsFactor;
    /// Of the penalty, in ten-thousandths, what whoever proved the default has; at most 1,000.
    uint16 challengerShare;
    /// How many of the watchers must agree that the pod was dark; 0 without watchers.
    uint16 quorum;
    /// keccak256 of the packed addresses of the watchers, in rising order; zero without.
    bytes32 watchers;
    /// The lease is opened until then, seconds since 1970.
    uint40 expires;
    /// Lets two quotes with the same terms differ.
    uint256 nonce;
}

/// What the session key, born where the pod runs and bound to it by evidence, says of service so far.
// As Terms.
// solhint-disable-next-line gas-struct-packing
struct Beat {
    bytes32 lease;
    /// When it was made, seconds since 1970.
    uint40 madeAt;
    /// Seconds of proven service since the start.
    uint40 covered;
    /// A block that was young when the beat was made, and its hash.
    uint64 blockNumber;
    bytes32 blockHash;
    /// Head of the ledger of what was metered.
    bytes32 meter;
    /// Version of the volumes.
    uint64 volume;
}

/// What the publisher agrees to pay in all, for service through a time.
struct Voucher {
    bytes32 lease;
    uint128 total;
    uint40 upTo;
}

/// What a watcher says: no answer came from the pod in this window.
struct Darkness {
    bytes32 lease;
    uint40 from;
    uint40 to;
}

library TermsLib {
    /// Challenge and response windows together are at most so long, which is less than stake takes to leave.
    uint256 internal constant WINDOWS_MAX = 7 days;
    uint256 internal constant NOTICE_MAX = 90 days;
    uint256 internal constant CHALLENGER_SHARE_MAX = 1000;

    bytes32 internal constant TERMS = keccak256(
        "Terms(address provider,address publisher,bytes32 manifest,bytes32 policy,uint64 rate,uint64 usageCap,uint128 bond,"
        "uint128 challengeBond,uint32 beatPeriod,uint32 grace,uint32 challengeWindow,uint32 responseWindow,uint32 publisherNotice,"
        "uint32 providerNotice,uint32 startWindow,uint32 restBudget,uint32 tier1,uint16 factor1,uint32 tier2,uint16 factor2,"
        "uint16 factor3,uint16 earningsFactor,uint16 challengerShare,uint16 quorum,bytes32 watchers,uint40 expires,uint256 nonce)"
    );
    bytes32 internal constant BEAT =
        keccak256("Beat(bytes32 lease,uint40 madeAt,uint40 covered,uint64 blockNumber,bytes32 blockHash,bytes32 meter,uint64 volume)");
    bytes32 internal constant VOUCHER = keccak256("Voucher(bytes32 lease,uint128 total,uint40 upTo)");
    bytes32 internal constant DARKNESS = keccak256("Darkness(bytes32 lease,uint40 from,uint40 to)");

    error BadTerms(string field);

    /// Every member is one word and none is dynamic, so that the encoding of the struct is that of its members.
    function hash(Terms calldata terms) internal pure returns (bytes32) {
        return keccak256(abi.encode(TERMS, terms));
    }

    function hash(Beat calldata beat) internal pure returns (bytes32) {
        return keccak256(abi.encode(BEAT, beat));
    }

    function hash(Voucher memory voucher) internal pure returns (bytes32) {
        return keccak256(abi.encode(VOUCHER, voucher));
    }

    function hash(Darkness memory darkness) internal pure returns (bytes32) {
        return keccak256(abi.encode(DARKNESS, darkness));
    }

    /// Refuses terms under which a party could be held for ever, or nothing would be at stake.
    function check(Terms calldata terms) internal pure {
        uint256 windows = uint256(terms.challengeWindow) + terms.responseWindow;
        if (terms.provider == address(0)) revert BadTerms("provider");
        if (terms.rate == 0) revert BadTerms("rate");
        if (terms.beatPeriod == 0) revert BadTerms("beatPeriod");
        if (terms.challengeWindow == 0) revert BadTerms("challengeWindow");
        if (terms.responseWindow == 0) revert BadTerms("responseWindow");
        if (windows > WINDOWS_MAX) revert BadTerms("challengeWindow and responseWindow");
        if (terms.publisherNotice < windows || terms.publisherNotice > NOTICE_MAX) revert BadTerms("publisherNotice");
        if (terms.providerNotice < windows || terms.providerNotice > NOTICE_MAX) revert BadTerms("providerNotice");
        if (terms.startWindow == 0 || terms.startWindow > NOTICE_MAX) revert BadTerms("startWindow");
        if (terms.restBudget > 30 days) revert BadTerms("restBudget");
        if (terms.factor1 > terms.factor2 || terms.factor2 > terms.factor3) revert BadTerms("factor1, factor2, factor3");
        if (terms.challengerShare > CHALLENGER_SHARE_MAX) revert BadTerms("challengerShare");
        if ((terms.quorum == 0) != (terms.watchers == bytes32(0))) revert BadTerms("quorum");
    }
}
