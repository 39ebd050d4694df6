// SPDX-License-Identifier: Apache-2.0
// The program against real TLS peers: certificates that do not hold, HTTP/2, proxies, redirects, and where the API key
// goes. In front of a sandbox; certificates are made on the spot. Prints TAP.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { Sandbox } from "./sandbox.mjs";

const deck = path.resolve(process.env.builddir ?? ".", "cvmdeck");
const home = fs.mkdtempSync(path.join(os.tmpdir(), "cvmdeck-tls-"));
const named = "api.example.invalid"; // reached through a proxy alone: loopback never goes through one
const file = (name) => path.join(home, name);
const openssl = (...args) => execFileSync("openssl", args, { cwd: home, stdio: ["ignore", "ignore", "pipe"] });

/* ---- certificates ---- */

const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

function make_authority(name) {
	openssl("req", "-x509", ...curve, "-keyout", `${name}.key`, "-out", `${name}.pem`, "-days", "2", "-subj", `/CN=${name}`);
}

// "ca" alone takes the dates themselves: a certificate that was valid once is the point of one here.
const book = "[ca]\ndefault_ca=all\n[all]\ndatabase=index\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\nunique_subject=no\npolicy=any\n" +
	"[any]\ncommonName=supplied\n";
const now = Date.now(), day = 24 * 60 * 60 * 1000;
const date = (days) => new Date(now + days * day).toISOString().replace(/[-T:]|\.\d+/g, "");

// A key and certificate for a host, by an authority of ours, valid until so many days from now.
function make_certificate(name, host, days, authority = "authority") {
	fs.writeFileSync(file(`${name}.ext`), `subjectAltName=DNS:${host}\n`);
	fs.writeFileSync(file("book"), book);
	fs.writeFileSync(file("index"), "");
	openssl("req", "-new", ...curve, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${host}`);
	openssl("ca", "-batch", "-notext", "-config", "book", "-rand_serial", "-in", `${name}.csr`, "-cert", `${authority}.pem`,
		"-keyfile", `${authority}.key`, "-startdate", date(-3), "-enddate", date(days), "-extfile", `${name}.ext`, "-out", `${name}.pem`);
	return { key: fs.readFileSync(file(`${name}.key`)), cert: fs.readFileSync(file(`${name}.pem`)) };
}

/* ---- servers ---- */

const servers = [];

function listening(server) {
	return new Promise((resolve) => server.listen(0, "127.0.0.1", () => {
		servers.push(server);
		resolve(server.address().port);
	}));
}

// Hands a request to the sandbox and its answer back; says which keys came.
function pass_on(sandbox, seen) {
	return (request, response) => {
		seen.push({ url: request.url, version: request.httpVersion, key: request.headers["x-api-key"], session: request.stream?.session });
		const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !name.startsWith(":") && name !== "host"));
		const onward = http.request(new URL(request.url, sandbox.origin), { method: request.method, headers }, (answer) => {
			response.writeHead(answer.statusCode, { "content-type": answer.headers["content-type"] ?? "application/json" });
			answer.pipe(response);
		});
		request.pipe(onward);
	};
}

async function tls_server(certificate, handler) {
	return listening(https.createServer(certificate, handler));
}

// A proxy that takes CONNECT to any host and leads to one port; answer: refuses with it instead.
async function proxy(port, { answer, seen }) {
	const server = http.createServer((request, response) => {
		seen.push({ method: request.method, url: request.url, key: request.headers["x-api-key"] });
		response.writeHead(502).end();
	});
	server.on("connect", (request, socket) => {
		seen.push({ method: "CONNECT", url: request.url, key: request.headers["x-api-key"] });
		if (answer) {
			socket.end(`HTTP/1.1 ${answer} No\r\nContent-Length: 0\r\n\r\n`);
			return;
		}
		const onward = net.connect(port, "127.0.0.1", () => {
			socket.write("HTTP/1.1 200 Connection established\r\nProxy-Agent: test\r\n\r\n");
			onward.pipe(socket).pipe(onward);
		});
		socket.on("error", () => onward.destroy());
		onward.on("error", () => socket.destroy());
	});
	return listening(server);
}

/* ---- the program ---- */

function ours(args, prefix, variables = {}) {
	return new Promise((resolve) => {
		const env = {
			PATH: process.env.PATH, HOME: home, LC_ALL: "C.UTF-8", PHALA_CLOUD_API_KEY: sandbox.key, PHALA_CLOUD_API_PREFIX: prefix,
			SSL_CERT_FILE: file("authority.pem"), ...variables,
		};
		const child = spawn(deck, args, { env, cwd: home, stdio: ["ignore", "pipe", "pipe"] });
		let stdout = "", stderr = "";
		const timer = setTimeout(() => child.kill("SIGKILL"), 60000);
		child.stdout.on("data", (bytes) => stdout += bytes);
		child.stderr.on("data", (bytes) => stderr += bytes);
		child.on("close", (code) => {
			clearTimeout(timer);
			const lines = stdout.trimEnd().split("\n");
			let last = {};
			try {
				last = JSON.parse(lines.at(-1));
			} catch {
				// What is no JSON fails below.
			}
			resolve({ code, lines, last, text: stdout + stderr });
		});
	});
}

const list = (prefix, variables) => ours(["list", "--json"], prefix, variables);
const must_list = ({ code, lines, text }) => {
	assert.equal(code, 0, text);
	assert.ok(lines.some((line) => JSON.parse(line).name === "payments-api"), text);
};
const must_fail = ({ code, last, text }, error_code, detail) => {
	assert.equal(code, 5, text);
	assert.equal(last.error_code, error_code, text);
	assert.ok(last.next, text);
	assert.match(`${last.message} ${last.detail ?? ""}`, detail);
};

let sandbox, good;

const tests = {
	"a certificate of a known authority": async () => {
		const seen = [], port = await tls_server(good, pass_on(sandbox, seen));
		must_list(await list(`https://localhost:${port}/api/v1`));
		assert.ok(seen.length > 0 && seen.every(({ key }) => key === sandbox.key));
	},
	"a certificate of an unknown authority: nothing is sent": async () => {
		const seen = [], port = await tls_server(good, pass_on(sandbox, seen));
		must_fail(await list(`https://localhost:${port}/api/v1`, { SSL_CERT_FILE: file("stranger.pem") }), "network-tls", /certificate/);
		must_fail(await list(`https://localhost:${port}/api/v1`, { SSL_CERT_FILE: "" }), "network-tls", /certificate/);
		assert.equal(seen.length, 0);
	},
	"a self-signed certificate": async () => {
		openssl("req", "-x509", ...curve, "-keyout", "self.key", "-out", "self.pem", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost");
		const seen = [], port = await tls_server({ key: fs.readFileSync(file("self.key")), cert: fs.readFileSync(file("self.pem")) }, pass_on(sandbox, seen));
		must_fail(await list(`https://localhost:${port}/api/v1`), "network-tls", /self[- ]signed/);
		assert.equal(seen.length, 0);
	},
	"a certificate for another host": async () => {
		const seen = [], port = await tls_server(make_certificate("other", "other.example", 2), pass_on(sandbox, seen));
		must_fail(await list(`https://localhost:${port}/api/v1`), "network-tls", /localhost/);
		assert.equal(seen.length, 0);
	},
	"an expired certificate": async () => {
		const seen = [], port = await tls_server(make_certificate("expired", "localhost", -1), pass_on(sandbox, seen));
		must_fail(await list(`https://localhost:${port}/api/v1`), "network-tls", /expired/);
		assert.equal(seen.length, 0);
	},
	"a file of authorities that is not there": async () => {
		const port = await tls_server(good, pass_on(sandbox, []));
		must_fail(await list(`https://localhost:${port}/api/v1`, { SSL_CERT_FILE: file("nowhere.pem") }), "network-tls", /nowhere|CA cert/);
	},
	"https asked of a plain port, http of a TLS port": async () => {
		const plain = await listening(http.createServer((request, response) => response.end("{}"))), port = await tls_server(good, pass_on(sandbox, []));
		must_fail(await list(`https://localhost:${plain}/api/v1`), "network-tls", /TLS/);
		const { code, last } = await list(`http://localhost:${port}/api/v1`);
		assert.equal(code, 5);
		assert.ok(last.error_code && last.next);
	},
	"HTTP/2: one connection for everything": async () => {
		const seen = [], port = await listening(http2.createSecureServer({ ...good, allowHTTP1: true }, pass_on(sandbox, seen)));
		must_list(await list(`https://localhost:${port}/api/v1`));
		assert.ok(seen.length > 1 && seen.every(({ version }) => version === "2.0"), JSON.stringify(seen.map(({ version }) => version)));
		assert.equal(new Set(seen.map(({ session }) => session)).size, 1);
	},
	"HTTP/2: a stream that is reset": async () => {
		const server = http2.createSecureServer(good, (request, response) => {
			response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
			response.write("{\"items\":[");
			response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
		});
		must_fail(await list(`https://localhost:${await listening(server)}/api/v1`), "network-cut", /.../);
	},
	"a whole update over HTTP/2": async () => {
		const seen = [], port = await listening(http2.createSecureServer(good, pass_on(sandbox, seen)));
		fs.writeFileSync(file("new.yml"), "services:\n  web:\n    image: nginx:1.29\n");
		const { code, last, text } = await ours(["deploy", "--cvm-id", "checkout-web", "-c", "new.yml", "--yes", "--wait", "--json"], `https://localhost:${port}/api/v1`,
			{ PRIVATE_KEY: sandbox.owner_key, ETH_RPC_URL: sandbox.rpc_url });
		assert.equal(code, 0, text);
		assert.ok(last.transaction_hash, text);
	},
	"a redirect to another host: the key does not follow": async () => {
		const elsewhere = [], far = await tls_server(good, (request, response) => {
			elsewhere.push(request.headers);
			response.end("{}");
		});
		for (const status of [301, 302, 307, 308]) {
			const port = await tls_server(good, (request, response) => response.writeHead(status, { location: `https://localhost:${far}${request.url}` }).end());
			const { code, last } = await list(`https://localhost:${port}/api/v1`);
			assert.equal(code, 5);
			assert.match(last.next, /redirects are not followed/);
		}
		assert.equal(elsewhere.length, 0);
	},
	"through a proxy: it sees the host and no key": async () => {
		const seen = [], between = [], port = await tls_server(make_certificate("named", named, 2), pass_on(sandbox, seen));
		const through = await proxy(port, { seen: between });
		must_list(await list(`https://${named}/api/v1`, { HTTPS_PROXY: `http://127.0.0.1:${through}` }));
		assert.ok(between.length > 0 && between.every(({ method, url, key }) => method === "CONNECT" && url === `${named}:443` && key === undefined));
		assert.ok(seen.every(({ key }) => key === sandbox.key));
	},
	"logs that stream through a proxy": async () => {
		// The proxy's own 200 must not be taken for the log host's answer.
		const lines = "first\nsecond\n";
		let status = 200;
		const port = await tls_server(make_certificate("named2", named, 2), (request, response) => {
			if (request.url.startsWith("/logs"))
				return response.writeHead(status, { "content-type": "text/plain" }).end(lines);
			if (!/^\/api\/v1\/cvms\/[^/?]+$/.test(request.url))
				return pass_on(sandbox, [])(request, response);
			return sandbox.ask("GET", request.url.replace("/api/v1", ""), undefined, request.headers["x-phala-version"]).then((cvm) => {
				cvm.logs = { ...cvm.logs, serial: `https://${named}/logs/serial` };
				cvm.syslog_endpoint = `https://${named}/logs/serial?x=1`;
				response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(cvm));
			});
		});
		const through = await proxy(port, { seen: [] });
		const { code, text } = await ours(["logs", "--cvm-id", "checkout-web", "--serial"], `https://${named}/api/v1`, { HTTPS_PROXY: `http://127.0.0.1:${through}` });
		assert.equal(code, 0, text);
		assert.equal(text, lines);
		status = 404;
		const refused = await ours(["logs", "--cvm-id", "checkout-web", "--serial"], `https://${named}/api/v1`, { HTTPS_PROXY: `http://127.0.0.1:${through}` });
		assert.equal(refused.code, 5, refused.text);
		assert.match(refused.text, /HTTP 404/);
	},
	"a proxy that refuses": async () => {
		const between = [], through = await proxy(0, { answer: 407, seen: between });
		must_fail(await list(`https://${named}/api/v1`, { HTTPS_PROXY: `http://127.0.0.1:${through}` }), "network-proxy", /407/);
		must_fail(await list(`https://${named}/api/v1`, { HTTPS_PROXY: "http://no-such-proxy.invalid:1" }), "network-proxy", /proxy/);
		assert.ok(between.length > 0);
	},
	"the key never goes over plain http, with or without a proxy": async () => {
		const between = [], through = await proxy(0, { seen: between });
		for (const variables of [{}, { http_proxy: `http://127.0.0.1:${through}`, ALL_PROXY: `http://127.0.0.1:${through}` }]) {
			const { code, last, text } = await list(`http://${named}/api/v1`, variables);
			assert.equal(code, 4, text);
			assert.equal(last.error_code, "network-not-secret");
		}
		assert.equal(between.length, 0);
	},
	"this machine is never asked through a proxy": async () => {
		const between = [], through = await proxy(0, { answer: 502, seen: between });
		must_list(await list(sandbox.api, { http_proxy: `http://127.0.0.1:${through}`, HTTPS_PROXY: `http://127.0.0.1:${through}`, ALL_PROXY: `http://127.0.0.1:${through}` }));
		assert.equal(between.length, 0);
	},
};

let number = 0, failed = 0;
console.log(`1..${Object.keys(tests).length}`);
try {
	make_authority("authority");
	make_authority("stranger");
	good = make_certificate("good", "localhost", 2);
	sandbox = await Sandbox.start(["--seed", "1", "--speed", "40", "--mine-ms", "20", "--cvms", "250"]);
	for (const [name, test] of Object.entries(tests)) {
		number++;
		try {
			await test();
			console.log(`ok ${number} - ${name}`);
		} catch (error) {
			failed++;
			console.log(`not ok ${number} - ${name}`);
			console.log(`${error.stack}`.replace(/^/gm, "# "));
		}
	}
} catch (error) {
	console.log(`Bail out! ${error.message.split("\n")[0]}`);
	failed++;
} finally {
	for (const server of servers) {
		server.close();
		server.closeAllConnections?.();
	}
	if (await sandbox?.stop()) {
		console.log("Bail out! the sandbox ended badly");
		failed++;
	}
	fs.rmSync(home, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
