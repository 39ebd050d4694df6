// SPDX-License-Identifier: Apache-2.0
// usage: node deploy.mjs RPC-URL
// Puts every contract of the tests on an anvil chain and prints one line of JSON: where each is, and the throw-away
// keys. CVMDECK_CONTRACTS: the folder of build.mjs. CVMDECK_NODE_MODULES: where the Safe contracts are (left out when
// they are not there).
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { call, encode } from "./abi.mjs";

const MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11";
const GAS_PRICE_ORACLE = "0x420000000000000000000000000000000000000F";
const MULTI_SEND_CALL_ONLY = "0x9641d764fc13c8B624c04430C7356C1C7C8102e2";
const SAFE_SINGLETON = "0x41675C099F32341bf84BFc5382aF534df5C7461a";
const ZERO = "0x" + "0".repeat(40);

// anvil's own accounts, from its public mnemonic: good for nothing but tests.
const OWNER = { address: "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", key: "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80" };
const OTHER = { address: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8", key: "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d" };
const THIRD = { address: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC", key: "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a" };
// The next account: it owns an app and has no coin at all.
const POOR = { address: "0x90F79bf6EB2c4f870365E785982E1f101E93b906", key: "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6" };
export const DEVICE = "0x" + "d1".repeat(32);
export const OLD_HASH = "0x" + "01".repeat(32);
export const OS_IMAGE = "0x" + "05".repeat(32);
// The public key of OWNER stands for the KMS's root key.
const KMS_KEY = "0x038318535b54105d4a7aae60c08fc45f9687181b4fdfc625bd1a753fa7397fed75";

export async function rpc(url, method, params = []) {
	const response = await fetch(url, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
	});
	const answer = await response.json();
	if (answer.error)
		throw new Error(`${method}: ${answer.error.message}`);
	return answer.result;
}

async function send(url, transaction) {
	const hash = await rpc(url, "eth_sendTransaction", [{ from: OWNER.address, gas: "0x989680", ...transaction }]);
	let receipt;
	while (!(receipt = await rpc(url, "eth_getTransactionReceipt", [hash])))
		await new Promise((resolve) => setTimeout(resolve, 2));
	if (receipt.status !== "0x1")
		throw new Error(`a transaction of the fixtures reverted: ${JSON.stringify(transaction).slice(0, 200)}`);
	return receipt;
}

const create = async (url, bytecode, types = [], values = []) =>
	(await send(url, { data: bytecode + encode(types, values) })).contractAddress;

// The real Safe contracts, two of two owners, and an app that the Safe owns.
async function deploy_safe(url, new_app, out) {
	const folder = path.join(process.env.CVMDECK_NODE_MODULES ?? "", "@safe-global/safe-contracts/build/artifacts/contracts");
	if (!fs.existsSync(folder))
		return;
	const artifact = (name) => JSON.parse(fs.readFileSync(path.join(folder, name), "utf8"));
	const factory = await create(url, artifact("proxies/SafeProxyFactory.sol/SafeProxyFactory.json").bytecode);
	const handler = await create(url, artifact("handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json").bytecode);
	await rpc(url, "anvil_setCode", [SAFE_SINGLETON, artifact("Safe.sol/Safe.json").deployedBytecode]);
	await rpc(url, "anvil_setCode", [MULTI_SEND_CALL_ONLY, artifact("libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json").deployedBytecode]);
	// setup(address[] owners, threshold, to, data, fallbackHandler, paymentToken, payment, paymentReceiver)
	const setup = call("b63e800d", ["address[]", "uint256", "address", "bytes", "address", "address", "uint256", "address"],
		[[OWNER.address, OTHER.address], 2, ZERO, "0x", handler, ZERO, 0, ZERO]);
	// createProxyWithNonce(singleton, initializer, salt); the last log names the proxy, indexed in 1.4.1.
	const receipt = await send(url, { to: factory, data: call("1688f0b9", ["address", "bytes", "uint256"], [SAFE_SINGLETON, setup, 1]) });
	const created = receipt.logs[receipt.logs.length - 1];
	out.safe = "0x" + created.topics[1].slice(26);
	out.multi_send_call_only = MULTI_SEND_CALL_ONLY;
	out.safe_app = await new_app("DstackApp", out.safe, false, DEVICE);
}

export async function deploy(url) {
	const contracts = JSON.parse(fs.readFileSync(path.join(process.env.CVMDECK_CONTRACTS, "contracts.json"), "utf8"));
	const { DstackApp, DstackKms, Proxy, Reverter, Silent } = contracts;
	const setters = DstackKms.selectors;
	const out = { url, chain_id: Number(await rpc(url, "eth_chainId")), multicall3: MULTICALL3, gas_price_oracle: GAS_PRICE_ORACLE };

	await rpc(url, "anvil_setCode", [MULTICALL3, contracts.Multicall3.runtime]);
	await rpc(url, "anvil_setCode", [GAS_PRICE_ORACLE, contracts.GasPriceOracle.runtime]);
	await rpc(url, "anvil_setBalance", [POOR.address, "0x0"]);
	out.app_implementation = await create(url, DstackApp.bytecode);
	out.kms = await create(url, DstackKms.bytecode, ["address"], [out.app_implementation]);
	const code = { DstackApp: out.app_implementation, Reverter: await create(url, Reverter.bytecode) };
	const new_app = async (kind, owner, any_device, device) => {
		const setup = call(DstackApp.selectors["initialize(address,bool,bytes32,bytes32)"],
			["address", "bool", "bytes32", "bytes32"], [owner, any_device ? 1 : 0, device, OLD_HASH]);
		const app = await create(url, Proxy.bytecode, ["address", "bytes"], [code[kind], setup]);
		await send(url, { to: out.kms, data: call(setters["registerApp(address)"], ["address"], [app]) });
		return app;
	};
	const none = "0x" + "0".repeat(64);
	out.app_no_device = await new_app("DstackApp", OWNER.address, false, none);
	out.app = await new_app("DstackApp", OWNER.address, false, DEVICE);
	out.app_any_device = await new_app("DstackApp", OWNER.address, true, none);
	out.app_of_poor = await new_app("DstackApp", POOR.address, false, DEVICE);
	out.reverter = await new_app("Reverter", OWNER.address, false, DEVICE);
	out.silent = await create(url, Silent.bytecode);
	out.app_of_contract = await new_app("DstackApp", out.silent, false, DEVICE);
	await send(url, { to: out.kms, data: call(setters["addOsImageHash(bytes32)"], ["bytes32"], [OS_IMAGE]) });
	await send(url, { to: out.kms, data: call(setters["setKmsInfo((bytes,bytes,bytes,bytes))"],
		[["bytes", "bytes", "bytes", "bytes"]], [[KMS_KEY, "0x3059", "0x", "0x"]]) });
	await send(url, { to: out.kms, data: call(setters["setGatewayAppId(string)"], ["string"], ["any"]) });
	await deploy_safe(url, new_app, out);
	return { ...out, device: DEVICE, old_hash: OLD_HASH, os_image: OS_IMAGE, kms_key: KMS_KEY, owner: OWNER, other: OTHER, third: THIRD, poor: POOR };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
	console.log(JSON.stringify(await deploy(process.argv[2])));
