// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AppAuth, AppBootInfo} from "./AppAuth.sol";
import {Ownable2Step} from "./Ownable2Step.sol";
import {Upgradeable} from "./Proxy.sol";

/// The allowlist of one app, with the interface that is documented for it.
contract DstackApp is AppAuth, Ownable2Step, Upgradeable {
    mapping(bytes32 => bool) public allowedComposeHashes;
    mapping(bytes32 => bool) public allowedDeviceIds;
    bool public allowAnyDevice;
    bool public requireTcbUpToDate;
    bool private _initialized;

    event ComposeHashAdded(bytes32 composeHash);
    event ComposeHashRemoved(bytes32 composeHash);
    event DeviceAdded(bytes32 deviceId);
    event DeviceRemoved(bytes32 deviceId);
    event AllowAnyDeviceSet(bool allowAny);
    event PolicyChanged(address app, bytes32 kind, bytes32 value, bool allowed);

    function initialize(address first, bool anyDevice, bytes32 deviceId, bytes32 composeHash) external {
        require(!_initialized, "initialized");
        _initialized = true;
        _setOwner(first);
        allowAnyDevice = anyDevice;
        if (deviceId != 0) _setDevice(deviceId, true);
        if (composeHash != 0) _setComposeHash(composeHash, true);
    }

    function addComposeHash(bytes32 composeHash) external virtual onlyOwner {
        _setComposeHash(composeHash, true);
    }

    function removeComposeHash(bytes32 composeHash) external onlyOwner {
        _setComposeHash(composeHash, false);
    }

    function addDevice(bytes32 deviceId) external onlyOwner {
        _setDevice(deviceId, true);
    }

    function removeDevice(bytes32 deviceId) external onlyOwner {
        _setDevice(deviceId, false);
    }

    function setAllowAnyDevice(bool allowAny) external onlyOwner {
        allowAnyDevice = allowAny;
        emit AllowAnyDeviceSet(allowAny);
        emit PolicyChanged(address(this), "any-device", 0, allowAny);
    }

    function setRequireTcbUpToDate(bool required) external onlyOwner {
        requireTcbUpToDate = required;
    }

    function version() external pure returns (uint256) {
        return 2;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x1e079198 || id == 0x8fd37527;
    }

    function isAppAllowed(AppBootInfo calldata info) external view returns (bool, string memory) {
        if (requireTcbUpToDate && keccak256(bytes(info.tcbStatus)) != keccak256("UpToDate"))
            return (false, "TCB status is not up to date");
        if (!allowedComposeHashes[info.composeHash]) return (false, "Compose hash not allowed");
        if (!allowAnyDevice && !allowedDeviceIds[info.deviceId]) return (false, "Device not allowed");
        return (true, "");
    }

    function _authorizeUpgrade() internal view override onlyOwner {}

    function _setComposeHash(bytes32 composeHash, bool allowed) internal {
        allowedComposeHashes[composeHash] = allowed;
        if (allowed) emit ComposeHashAdded(composeHash);
        else emit ComposeHashRemoved(composeHash);
        emit PolicyChanged(address(this), "compose-hash", composeHash, allowed);
    }

    function _setDevice(bytes32 deviceId, bool allowed) internal {
        allowedDeviceIds[deviceId] = allowed;
        if (allowed) emit DeviceAdded(deviceId);
        else emit DeviceRemoved(deviceId);
        emit PolicyChanged(address(this), "device", deviceId, allowed);
    }
}
