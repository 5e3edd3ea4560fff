// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// Money of one token: what each account may take out or spend, what its agents may spend of it, and what it has at stake. Nothing is sent
/// to anybody but by `withdraw`, so that nobody's refusal to be paid can hold up another.
abstract contract Accounts is ReentrancyGuard {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// Stake that leaves is at risk for so long still: longer than any default takes to be proved.
    uint256 public constant UNBONDING = 8 days;

    struct Stake {
        /// Backs nothing, and can be locked by a lease.
        uint128 free;
        /// Backs leases.
        uint128 locked;
        /// Leaves, and is the account's at the time beside it.
        uint128 unbonding;
        uint40 unbondedAt;
    }

    /// What an agent may still spend of an account on leases, in all, how fast each may cost, and until when.
    struct Allowance {
        uint128 left;
        uint64 rateMax;
        uint40 until;
    }

    // Its getter is a part of the interface: it is named like the others.
    // forge-lint: disable-next-line(screaming-snake-case-immutable)
    IERC20 public immutable token; // solhint-disable-line immutable-vars-naming
    mapping(address account => uint256) public balanceOf;
    mapping(address account => Stake) public stakeOf;
    mapping(address account => mapping(address agent => Allowance)) public allowanceOf;

    event Deposited(address indexed account, address indexed from, uint256 amount);
    event Withdrawn(address indexed account, address indexed to, uint256 amount);
    event Credited(address indexed account, bytes32 indexed lease, uint256 amount);
    event Allowed(address indexed account, address indexed agent, uint128 left, uint64 rateMax, uint40 until);
    event Staked(address indexed account, uint256 amount);
    event Unbonding(address indexed account, uint256 amount, uint40 until);
    event Unbonded(address indexed account, uint256 amount);

    error NothingToDo();
    error InsufficientBalance(address account, uint256 has, uint256 needs);
    error InsufficientStake(address account, uint256 free, uint256 needs);
    error InsufficientAllowance(address account, address agent);
    error StillUnbonding(uint40 until);
    error UnfaithfulToken(uint256 received, uint256 sent);

    constructor(IERC20 token_) {
        token = token_;
    }

    /// Brings money of the caller to an account.
    function deposit(address account, uint256 amount) external nonReentrant {
        if (amount == 0) revert NothingToDo();
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert UnfaithfulToken(received, amount);
        balanceOf[account] += amount;
        emit Deposited(account, msg.sender, amount);
    }

    /// Takes money of the caller's account out. Only the account itself can, and no agent.
    function withdraw(uint256 amount, address to) external nonReentrant {
        if (amount == 0) revert NothingToDo();
        _debit(msg.sender, amount);
        emit Withdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    /// Lets an agent spend so much more of the caller's account on leases, each at most so much a second; in the place of what it might before.
    function allow(address agent, uint128 left, uint64 rateMax, uint40 until) external {
        allowanceOf[msg.sender][agent] = Allowance({left: left, rateMax: rateMax, until: until});
        emit Allowed(msg.sender, agent, left, rateMax, until);
    }

    /// Puts money of the caller's account at stake.
    function stake(uint256 amount) external {
        if (amount == 0) revert NothingToDo();
        _debit(msg.sender, amount);
        stakeOf[msg.sender].free += amount.toUint128();
        emit Staked(msg.sender, amount);
    }

    /// Begins to take free stake back. What leaves already waits anew together with it.
    function unstake(uint256 amount) external {
        Stake storage own = stakeOf[msg.sender];
        if (amount == 0) revert NothingToDo();
        if (own.free < amount) revert InsufficientStake(msg.sender, own.free, amount);
        own.free -= amount.toUint128();
        own.unbonding += amount.toUint128();
        // A time of 40 bits lasts for 34,000 years.
        // forge-lint: disable-next-line(unsafe-typecast)
        own.unbondedAt = uint40(block.timestamp + UNBONDING);
        emit Unbonding(msg.sender, amount, own.unbondedAt);
    }

    /// Gives back stake whose time to leave has passed, to the caller's account.
    function unbond() external {
        Stake storage own = stakeOf[msg.sender];
        uint256 amount = own.unbonding;
        if (amount == 0) revert NothingToDo();
        if (block.timestamp < own.unbondedAt) revert StillUnbonding(own.unbondedAt);
        own.unbonding = 0;
        balanceOf[msg.sender] += amount;
        emit Unbonded(msg.sender, amount);
    }

    function _debit(address account, uint256 amount) internal {
        uint256 has = balanceOf[account];
        if (has < amount) revert InsufficientBalance(account, has, amount);
        balanceOf[account] = has - amount;
    }

    function _credit(address account, bytes32 lease, uint256 amount) internal {
        if (amount == 0) return;
        balanceOf[account] += amount;
        emit Credited(account, lease, amount);
    }

    /// Takes money of a payer for a lease, on behalf of the caller: the payer, or an agent within what it may spend.
    function _spend(address payer, uint256 amount, uint256 ratePerSecond) internal {
        if (msg.sender != payer) {
            Allowance storage own = allowanceOf[payer][msg.sender];
            bool may = own.left >= amount && own.rateMax >= ratePerSecond && own.until >= block.timestamp;
            if (!may) revert InsufficientAllowance(payer, msg.sender);
            own.left -= amount.toUint128();
        }
        _debit(payer, amount);
    }

    function _lock(address provider, uint128 amount) internal {
        Stake storage own = stakeOf[provider];
        if (own.free < amount) revert InsufficientStake(provider, own.free, amount);
        own.free -= amount;
        own.locked += amount;
    }

    /// Frees what backed a lease, less what is forfeited of it.
    function _release(address provider, uint128 bond, uint256 forfeited) internal {
        Stake storage own = stakeOf[provider];
        own.locked -= bond;
        own.free += bond - forfeited.toUint128();
    }
}
