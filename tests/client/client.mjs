// SPDX-License-Identifier: Apache-2.0
// The official CLI, unchanged, as a client of the sandbox: what shows that the sandbox speaks the protocol. Each command
// must succeed and leave the state it should. Prints TAP.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Sandbox, until } from "./sandbox.mjs";

const cli = path.join(process.env.CVMDECK_NODE_MODULES, "phala", "dist", "index.js");
const home = fs.mkdtempSync(path.join(os.tmpdir(), "cvmdeck-client-"));
const bare = (hash) => (hash ?? "").replace(/^0x/, "");
let sandbox;

// Runs the CLI in an empty home; gives its output whatever its exit code, which must be `code`.
function phala(args, { code = 0, key = true } = {}) {
	return new Promise((resolve, reject) => {
		const env = { PATH: process.env.PATH, HOME: home, PHALA_CLOUD_API_PREFIX: sandbox.api, NO_COLOR: "1", CI: "true" };
		if (key)
			env.PHALA_CLOUD_API_KEY = sandbox.key;
		const child = spawn(process.execPath, [cli, ...args], { env, cwd: home, stdio: ["ignore", "pipe", "pipe"] });
		let stdout = "", stderr = "";
		const timer = setTimeout(() => child.kill("SIGKILL"), 120000);
		child.stdout.on("data", (bytes) => stdout += bytes);
		child.stderr.on("data", (bytes) => stderr += bytes);
		child.on("close", (got) => {
			clearTimeout(timer);
			if (got === code)
				resolve({ stdout, stderr });
			else
				reject(new Error(`phala ${args.join(" ")} ended with ${got}:\n${stdout}\n${stderr}`));
		});
	});
}

// The CVM's present compose text with one line more, in a file: every call another one.
let versions = 0;
async function next_compose(name) {
	const manifest = await sandbox.ask("GET", `/cvms/${name}/compose_file`);
	const file = path.join(home, `compose-${++versions}.yml`);
	fs.writeFileSync(file, `${manifest.docker_compose_file}# version ${versions}\n`);
	return file;
}

const signing = () => ["--private-key", sandbox.owner_key, "--rpc-url", sandbox.rpc_url];
const updated = (name, before) => until(`${name} to run another compose`, async () => {
	const now = await sandbox.cvm(name);
	return now.compose_hash !== before.compose_hash && now.status === "running" && !now.in_progress && now;
});
const pick = (text, expression) => {
	const found = expression.exec(text);
	assert.ok(found, `no ${expression} in:\n${text}`);
	return found[1];
};

// What `deploy` must leave: the hash allowed on the chain, and the CVM running it.
async function deploy_and_check(name, options) {
	const before = await sandbox.cvm(name);
	const result = await phala(["deploy", "--cvm-id", name, "-c", await next_compose(name), ...options]);
	const after = await updated(name, before);
	if (before.kms_info?.dstack_app_address)
		assert.ok(await sandbox.allows_hash(after, bare(after.compose_hash)), "the hash that runs is not on the allowlist");
	return { before, after, ...result };
}

const tests = {
	"cvms list": async () => {
		const { stdout } = await phala(["cvms", "list"]);
		for (const name of ["payments-api", "checkout-web", "docs-search"])
			assert.match(stdout, new RegExp(name));
	},
	"cvms list --json, second page": async () => {
		const { stdout } = await phala(["cvms", "list", "--page", "2", "--page-size", "5", "--json"]);
		assert.ok(JSON.parse(stdout).success !== false);
	},
	"a wrong key is refused": async () => {
		const { stdout, stderr } = await phala(["cvms", "list", "--api-token", "wrong"], { code: 1, key: false });
		assert.match(stdout + stderr, /401|[Uu]nauthor|[Ii]nvalid|API/);
	},
	"ps": async () => {
		const { stdout } = await phala(["ps", "checkout-web"]);
		assert.match(stdout, /web/);
		assert.match(stdout, /caddy/);
	},
	"logs of a container": async () => {
		// Lines of its stderr are left out by the CLI, so fewer than asked for may come.
		const { stdout } = await phala(["logs", "web", "--cvm-id", "payments-api", "-n", "30"]);
		const lines = stdout.trimEnd().split("\n").length;
		assert.ok(lines > 3 && lines <= 30, `${lines} lines`);
	},
	"logs --serial": async () => {
		const { stdout } = await phala(["logs", "--cvm-id", "payments-api", "--serial", "-n", "3"]);
		assert.equal(stdout.trimEnd().split("\n").length, 3);
	},
	"logs --cvm-stdout and --cvm-stderr": async () => {
		assert.ok((await phala(["logs", "--cvm-id", "payments-api", "--cvm-stdout", "-n", "2"])).stdout.length > 0);
		await phala(["logs", "--cvm-id", "payments-api", "--cvm-stderr", "-n", "2"]);
	},
	"allow-devices list": async () => {
		const { stdout } = await phala(["allow-devices", "list", "checkout-web", "--rpc-url", sandbox.rpc_url]);
		const cvm = await sandbox.cvm("checkout-web");
		assert.match(stdout.toLowerCase(), new RegExp(bare(cvm.node_info.device_id).slice(0, 6)));
	},
	"deploy, the device allowed: one transaction": async () => {
		const { before } = await deploy_and_check("checkout-web", signing());
		assert.ok(await sandbox.allows_device(before, before.node_info.device_id));
	},
	"deploy, the device not allowed: two transactions": async () => {
		const before = await sandbox.cvm("payments-api");
		assert.equal(await sandbox.allows_device(before, before.node_info.device_id), false);
		await deploy_and_check("payments-api", signing());
		assert.equal(await sandbox.allows_device(before, before.node_info.device_id), true);
	},
	"deploy -e --wait": async () => {
		const { stdout, stderr, after } = await deploy_and_check("checkout-web", ["-e", "SESSION_KEY=abc", "--wait", ...signing()]);
		assert.equal(after.status, "running");
		assert.match(stdout + stderr, /running|complete|success/i);
	},
	"deploy -e from a file": async () => {
		const file = path.join(home, "values.env");
		fs.writeFileSync(file, "SESSION_KEY=from a file\n");
		await deploy_and_check("checkout-web", ["-e", file, ...signing()]);
	},
	"deploy of the same compose with another value: no transaction": async () => {
		const before = await sandbox.cvm("checkout-web");
		const manifest = await sandbox.ask("GET", "/cvms/checkout-web/compose_file");
		const file = path.join(home, "same.yml");
		fs.writeFileSync(file, manifest.docker_compose_file);
		const block = await sandbox.rpc("eth_getTransactionCount", [sandbox.owner, "latest"]);
		await phala(["deploy", "--cvm-id", "checkout-web", "-c", file, "-e", "SESSION_KEY=another", ...signing()]);
		assert.equal(await sandbox.rpc("eth_getTransactionCount", [sandbox.owner, "latest"]), block);
		assert.equal((await sandbox.cvm("checkout-web")).compose_hash, before.compose_hash);
	},
	"deploy without an on-chain KMS applies at once": async () => {
		await deploy_and_check("docs-search", []);
	},
	"deploy to an owner that is a contract fails": async () => {
		const before = await sandbox.cvm("treasury-signer");
		await phala(["deploy", "--cvm-id", "treasury-signer", "-c", await next_compose("treasury-signer"), ...signing()], { code: 1 });
		assert.equal((await sandbox.cvm("treasury-signer")).compose_hash, before.compose_hash);
	},
	"deploy --prepare-only, then --commit": async () => {
		const before = await sandbox.cvm("treasury-signer");
		const { stdout, stderr } = await phala(["deploy", "--cvm-id", "treasury-signer", "-c", await next_compose("treasury-signer"), "--prepare-only"]);
		const text = stdout + stderr;
		const token = pick(text, /[Tt]oken[^0-9a-f]*([0-9a-f]{8}-[0-9a-f-]{27})/);
		const hash = bare(pick(text, /[Cc]ompose [Hh]ash[^0-9a-f]*((?:0x)?[0-9a-f]{64})/));
		assert.equal((await sandbox.cvm("treasury-signer")).compose_hash, before.compose_hash);
		await phala(["deploy", "--cvm-id", "treasury-signer", "--commit", "--token", token, "--compose-hash", `0x${hash}`,
			"--transaction-hash", "already-registered"], { code: 1 });
		const { transaction_hash } = await sandbox.ask("POST", "/__execute", { to: before.kms_info.dstack_app_address, data: `0xdfc77223${hash}` });
		await phala(["deploy", "--cvm-id", "treasury-signer", "--commit", "--token", token, "--compose-hash", `0x${hash}`,
			"--transaction-hash", transaction_hash]);
		const after = await updated("treasury-signer", before);
		assert.equal(bare(after.compose_hash), hash);
	},
};

let number = 0, failed = 0;
console.log(`1..${Object.keys(tests).length}`);
try {
	sandbox = await Sandbox.start(["--seed", "1", "--speed", "20", "--mine-ms", "50"]);
	for (const [name, test] of Object.entries(tests)) {
		number++;
		try {
			await test();
			console.log(`ok ${number} - phala ${name}`);
		} catch (error) {
			failed++;
			console.log(`not ok ${number} - phala ${name}`);
			console.log(`${error.stack}`.replace(/^/gm, "# "));
		}
	}
} catch (error) {
	console.log(`Bail out! ${error.message.split("\n")[0]}`);
	failed++;
} finally {
	const code = await sandbox?.stop();
	if (code) {
		console.log(`Bail out! the sandbox ended with ${code}`);
		console.log(sandbox.output.replace(/^/gm, "# "));
		failed++;
	}
	fs.rmSync(home, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
