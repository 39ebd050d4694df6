// SPDX-License-Identifier: Apache-2.0
// usage: node chain.mjs
// Starts anvil on a free port with Base's chain id, deploys the contracts of the tests, prints one line of JSON (see
// ../contracts/deploy.mjs) and serves until it is ended. For benchmarks and for a person who wants to look.
import { spawn } from "node:child_process";
import path from "node:path";
import { deploy } from "../contracts/deploy.mjs";

const arch = process.arch === "arm64" ? "arm64" : "amd64";
const anvil = path.join(process.env.CVMDECK_NODE_MODULES, "@foundry-rs", `anvil-linux-${arch}`, "bin", "anvil");
const child = spawn(anvil, ["--port", "0", "--chain-id", "8453"], { stdio: ["ignore", "pipe", "inherit"] });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
	process.on(signal, () => child.kill("SIGKILL") && process.exit(0));
process.on("exit", () => child.kill("SIGKILL"));
child.on("exit", () => process.exit(1));

let output = "";
child.stdout.on("data", async (bytes) => {
	const known = /Listening on (\S+)/.test(output);
	output += bytes;
	const listening = /Listening on (\S+)\n/.exec(output);
	if (known || !listening)
		return;
	output = "Listening on it\n";
	console.log(JSON.stringify(await deploy(`http://${listening[1]}`)));
});
