// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AppAuth, AppBootInfo} from "./AppAuth.sol";
import {Ownable2Step} from "./Ownable2Step.sol";

/// The KMS's contract: which apps and images it knows, and its own keys.
contract DstackKms is AppAuth, Ownable2Step {
    struct KmsInfo {
        bytes k256Pubkey;
        bytes caPubkey;
        bytes quote;
        bytes eventlog;
    }

    KmsInfo public kmsInfo;
    string public gatewayAppId;
    address public appImplementation;
    mapping(address => bool) public registeredApps;
    mapping(bytes32 => bool) public allowedOsImages;
    mapping(bytes32 => bool) public kmsAllowedAggregatedMrs;
    mapping(bytes32 => bool) public kmsAllowedDeviceIds;

    event AppRegistered(address appId);
    event OsImageHashAdded(bytes32 osImageHash);

    constructor(address implementation) {
        _setOwner(msg.sender);
        appImplementation = implementation;
    }

    function registerApp(address appId) external {
        require(appId != address(0), "Invalid app ID");
        registeredApps[appId] = true;
        emit AppRegistered(appId);
    }

    function addOsImageHash(bytes32 osImageHash) external onlyOwner {
        allowedOsImages[osImageHash] = true;
        emit OsImageHashAdded(osImageHash);
    }

    function setKmsInfo(KmsInfo calldata info) external onlyOwner {
        kmsInfo = info;
    }

    function setGatewayAppId(string calldata appId) external onlyOwner {
        gatewayAppId = appId;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == 0x01ffc9a7 || id == 0x1e079198;
    }

    function isAppAllowed(AppBootInfo calldata info) external view returns (bool, string memory) {
        if (!registeredApps[info.appId]) return (false, "App not registered");
        if (!allowedOsImages[info.osImageHash]) return (false, "OS image is not allowed");
        if (info.appId.code.length == 0) return (false, "App not deployed or invalid address");
        return AppAuth(info.appId).isAppAllowed(info);
    }
}
