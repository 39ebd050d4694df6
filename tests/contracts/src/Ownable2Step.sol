// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// Ownership that moves in two steps: offered by the owner, taken by the next one.
abstract contract Ownable2Step {
    address public owner;
    address public pendingOwner;

    error OwnableUnauthorizedAccount(address account);
    error OwnableInvalidOwner(address owner);

    event OwnershipTransferStarted(address indexed previousOwner, address indexed newOwner);
    event OwnershipTransferred(address indexed previousOwner, address indexed newOwner);

    modifier onlyOwner() {
        if (msg.sender != owner) revert OwnableUnauthorizedAccount(msg.sender);
        _;
    }

    function transferOwnership(address next) external onlyOwner {
        pendingOwner = next;
        emit OwnershipTransferStarted(owner, next);
    }

    function acceptOwnership() external {
        if (msg.sender != pendingOwner) revert OwnableUnauthorizedAccount(msg.sender);
        _setOwner(msg.sender);
    }

    function _setOwner(address next) internal {
        if (next == address(0)) revert OwnableInvalidOwner(next);
        emit OwnershipTransferred(owner, next);
        owner = next;
        delete pendingOwner;
    }
}
