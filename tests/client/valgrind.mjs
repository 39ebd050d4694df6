// SPDX-License-Identifier: Apache-2.0
// One whole headless update of a CVM whose device is not yet allowed, under valgrind. Prints TAP.
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Sandbox } from "./sandbox.mjs";

const home = fs.mkdtempSync(path.join(os.tmpdir(), "cvmdeck-valgrind-"));
const compose = path.join(home, "compose.yml");
const sandbox = await Sandbox.start(["--seed", "1", "--speed", "20", "--mine-ms", "50"]);
const manifest = await sandbox.ask("GET", "/cvms/payments-api/compose_file");
fs.writeFileSync(compose, `${manifest.docker_compose_file}# another line\n`);

const child = spawn("valgrind", [
	"--quiet", "--leak-check=full", "--show-leak-kinds=definite,indirect,possible", "--errors-for-leak-kinds=definite,indirect",
	"--error-exitcode=99", "--num-callers=25",
	path.join(process.env.builddir, "cvmdeck"), "deploy", "--cvm-id", "payments-api", "-c", compose,
	"--rpc-url", sandbox.rpc_url, "--wait", "--yes", "--json",
], {
	env: {
		PATH: process.env.PATH, HOME: home, LC_ALL: "C.UTF-8", PRIVATE_KEY: sandbox.owner_key, PHALA_CLOUD_API_KEY: sandbox.key,
		PHALA_CLOUD_API_PREFIX: sandbox.api,
	},
	cwd: home,
	stdio: ["ignore", "pipe", "pipe"],
});
let stdout = "", stderr = "";
child.stdout.on("data", (bytes) => stdout += bytes);
child.stderr.on("data", (bytes) => stderr += bytes);
const code = await new Promise((resolve) => child.on("close", resolve));
let result = {};
try {
	result = JSON.parse(stdout.trimEnd().split("\n").pop());
} catch {
	// No line of JSON: the first check says so.
}
const checks = [
	["the update succeeds", result.event === "result" && result.success === true && code !== 99 && code === 0],
	["two transactions were sent", Boolean(result.transaction_hash) && Boolean(result.device_transaction_hash)],
	["valgrind found no error and no leak", code !== 99 && !stderr.includes("==ERROR") && !/definitely lost: [1-9]/.test(stderr)],
];
console.log(`1..${checks.length}`);
checks.forEach(([name, good], i) => console.log(`${good ? "ok" : "not ok"} ${i + 1} - valgrind: ${name}`));
if (checks.some(([, good]) => !good))
	console.log(`exit ${code}\n${stdout}\n${stderr}`.replace(/^/gm, "# "));
await sandbox.stop();
fs.rmSync(home, { recursive: true, force: true });
process.exit(checks.every(([, good]) => good) ? 0 : 1);
