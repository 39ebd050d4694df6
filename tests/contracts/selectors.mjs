// SPDX-License-Identifier: Apache-2.0
// Compares the compiled contracts with the documented interface, selector by selector and event by event. Prints TAP.
import fs from "node:fs";
import path from "node:path";

const APP = {
	"addComposeHash(bytes32)": "dfc77223", "removeComposeHash(bytes32)": "67b3f22c", "addDevice(bytes32)": "2a819728",
	"removeDevice(bytes32)": "1d266200", "setAllowAnyDevice(bool)": "7c4beeb8", "allowedComposeHashes(bytes32)": "2f6622e5",
	"allowedDeviceIds(bytes32)": "bf8b211b", "allowAnyDevice()": "3440a16a", "owner()": "8da5cb5b", "pendingOwner()": "e30c3978",
	"transferOwnership(address)": "f2fde38b", "requireTcbUpToDate()": "0aa58c83", "version()": "54fd4d50",
	"isAppAllowed((address,bytes32,address,bytes32,bytes32,bytes32,bytes32,string,string[]))": "1e079198",
	"supportsInterface(bytes4)": "01ffc9a7", "acceptOwnership()": "79ba5097",
};
const KMS = {
	"isAppAllowed((address,bytes32,address,bytes32,bytes32,bytes32,bytes32,string,string[]))": "1e079198",
	"kmsInfo()": "09177063", "gatewayAppId()": "95f51931", "registeredApps(address)": "a6c4cce9",
	"allowedOsImages(bytes32)": "9a4e1d18", "kmsAllowedAggregatedMrs(bytes32)": "f6fe4f40",
	"kmsAllowedDeviceIds(bytes32)": "13eb9770", "appImplementation()": "25a992da",
};
const ORACLE = { "getL1Fee(bytes)": "49948e0e", "getL1FeeUpperBound(uint256)": "f1c7a58b" };
const EVENTS = {
	ComposeHashAdded: "bytes32", ComposeHashRemoved: "bytes32", DeviceAdded: "bytes32", DeviceRemoved: "bytes32",
	AllowAnyDeviceSet: "bool", PolicyChanged: "address,bytes32,bytes32,bool",
};

const contracts = JSON.parse(fs.readFileSync(path.join(process.env.CVMDECK_CONTRACTS, "contracts.json"), "utf8"));
let number = 0, failed = 0;
function check(name, got, expected) {
	number++;
	if (got !== expected)
		failed++;
	console.log(`${got === expected ? "ok" : "not ok"} ${number} - ${name}${got === expected ? "" : `: ${got} instead of ${expected}`}`);
}

for (const [name, table] of [["DstackApp", APP], ["DstackKms", KMS], ["GasPriceOracle", ORACLE]])
	for (const [signature, selector] of Object.entries(table))
		check(`${name}.${signature.split("(")[0]}`, contracts[name].selectors[signature], selector);
check("Multicall3.aggregate3", contracts.Multicall3.selectors["aggregate3((address,bool,bytes)[])"], "82ad56cb");
for (const [event, types] of Object.entries(EVENTS)) {
	const entry = contracts.DstackApp.abi.find((item) => item.type === "event" && item.name === event);
	check(`event ${event}, nothing indexed`, entry?.inputs.map((input) => input.type + (input.indexed ? " indexed" : "")).join(","), types);
}
check("error OwnableUnauthorizedAccount", contracts.DstackApp.abi.find((item) => item.type === "error" && item.name === "OwnableUnauthorizedAccount")?.inputs[0].type, "address");
console.log(`1..${number}`);
process.exit(failed ? 1 : 0);
