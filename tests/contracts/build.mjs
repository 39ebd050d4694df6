// SPDX-License-Identifier: Apache-2.0
// usage: node build.mjs FOLDER
// Compiles src/*.sol with solc from CVMDECK_NODE_MODULES into FOLDER/contracts.json:
// {"NAME": {"abi", "bytecode", "runtime", "selectors": {"f(uint256)": "8 hex digits"}}}. Does nothing when the sources
// are those of the last time.
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];
const modules = process.env.CVMDECK_NODE_MODULES;
if (!folder || !modules) {
	console.error("usage: CVMDECK_NODE_MODULES=FOLDER node build.mjs FOLDER");
	process.exit(2);
}

const names = fs.readdirSync(path.join(here, "src")).filter((name) => name.endsWith(".sol")).sort();
const input = {
	language: "Solidity",
	sources: Object.fromEntries(names.map((name) => [name, { content: fs.readFileSync(path.join(here, "src", name), "utf8") }])),
	settings: {
		evmVersion: "paris",
		optimizer: { enabled: true, runs: 200 },
		outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.methodIdentifiers"] } },
	},
};
const digest = crypto.createHash("sha256").update(JSON.stringify(input)).digest("hex");
const target = path.join(folder, "contracts.json");
const stamp = path.join(folder, "contracts.sha256");
if (fs.existsSync(target) && fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === digest) {
	console.log("nothing changed");
	process.exit(0);
}

const solc = createRequire(path.join(modules, "package.json"))("solc");
const output = JSON.parse(solc.compile(JSON.stringify(input)));
for (const problem of output.errors ?? [])
	console.error(problem.formattedMessage);
if ((output.errors ?? []).length > 0)
	process.exit(1);
const contracts = {};
for (const file of Object.values(output.contracts))
	for (const [name, contract] of Object.entries(file))
		contracts[name] = {
			abi: contract.abi,
			bytecode: "0x" + contract.evm.bytecode.object,
			runtime: "0x" + contract.evm.deployedBytecode.object,
			selectors: contract.evm.methodIdentifiers,
		};
fs.mkdirSync(folder, { recursive: true });
fs.writeFileSync(target, JSON.stringify(contracts, null, 1) + "\n");
fs.writeFileSync(stamp, digest);
console.log(Object.keys(contracts).join(" "));
