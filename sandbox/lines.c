/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines: some at the start of a run, some at its end, and steady ones between. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "sandbox/lines.h"

#define NS_PER_MS INT64_C(1000000)
enum { START_STEP_MS = 120, FAR_MS = 315360000 };

static const char *const machine_start[] = {
	"[    0.000000] Linux version 6.9.0-dstack (tdx)",
	"[    0.004211] Memory encryption: Intel TDX active",
	"[    0.812034] virtio_blk virtio1: [vda] 41943040 512-byte logical blocks",
	"dstack-prepare: measuring app-compose.json",
	"dstack-prepare: requesting app keys from KMS",
	"dstack-prepare: mounting encrypted storage (zfs)",
	"app-compose: pulling images",
	"app-compose: starting containers",
	"app-compose: all containers are up",
};
static const char *const machine_end[] = { "app-compose: stopping containers", "systemd[1]: Stopped target multi-user.target",
	"reboot: Power down" };
static const char *const container_start[] = { "starting", "configuration loaded from environment", "listening on 0.0.0.0" };
static const char *const container_end[] = { "received SIGTERM, shutting down", "bye" };
static const char *const hostile[] = {
	"\x1b]0;owned title\x07title set", "\x1b]8;;https://evil.invalid\x07link\x1b]8;;\x07", "\x1b]52;c;cm0gLXJmIH4=\x07" "clipboard",
	"\x1b[2J\x1b[Hcleared \x1b[31mred\x1b[0m", "bidi \xe2\x80\xae" "gpj.exe\xe2\x80\xac end", "bytes \xff\xfe\x80 that are no text",
	"\x9b" "31m C1 control", "zero\xe2\x80\x8bwidth \xc2\xad soft", "\x1bP+q544e\x1b\\ query", "carriage\rreturn \x08\x08 backspace",
};
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static uint64_t mix(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static uint64_t dice(const struct sb_lines *lines, uint64_t i)
{
	uint64_t seed = lines->world->seed + (uint64_t)lines->cvm->number * 7919;
	for (const char *p = lines->source; *p != '\0'; p++)
		seed = seed * 31 + (unsigned char)*p;
	return mix(seed ^ mix(i + 1));
}

static int64_t period_ns(const struct sb_lines *lines)
{
	if (lines->lies->rate > 0)
		return (int64_t)(1e9 / lines->lies->rate) + 1;
	if (!lines->container)
		return (text_equal(lines->source, "serial") ? 2500 : 7000) * NS_PER_MS;
	return (int64_t)(400 + dice(lines, 0) % 1100) * NS_PER_MS;
}

/* One run of the source, taken apart. */
struct run {
	int64_t from_ns, steady_ns, until_ns, period;
	uint64_t starts, steady, ends;
	bool closed;
};

static struct run run_of(const struct sb_lines *lines, const struct sb_epoch *epoch, int64_t now_ns)
{
	struct run run = { .from_ns = epoch->from_ms * NS_PER_MS, .period = period_ns(lines) };
	bool open = epoch->until_ms == 0;
	run.until_ns = open ? INT64_MAX : epoch->until_ms * NS_PER_MS;
	if (lines->lies->history > 0 && epoch->from_ms < lines->world->began_ms)
		run.from_ns = lines->world->began_ms * NS_PER_MS - lines->lies->history * run.period;
	size_t starts = lines->container ? COUNT(container_start) : COUNT(machine_start);
	run.steady_ns = run.from_ns + (int64_t)starts * START_STEP_MS * NS_PER_MS;
	int64_t end = now_ns < run.until_ns ? now_ns : run.until_ns - 1;
	if (end >= run.from_ns)
		run.starts = (uint64_t)((end - run.from_ns) / (START_STEP_MS * NS_PER_MS)) + 1;
	if (run.starts > starts)
		run.starts = starts;
	if (end >= run.steady_ns)
		run.steady = (uint64_t)((end - run.steady_ns) / run.period) + 1;
	run.closed = !open && now_ns >= run.until_ns;
	run.ends = run.closed ? (lines->container ? COUNT(container_end) : COUNT(machine_end)) : 0;
	return run;
}

static uint64_t run_count(const struct run *run)
{
	return run->starts + run->steady + run->ends;
}

static bool epoch_belongs(const struct sb_lines *lines, size_t i)
{
	const struct sb_epoch *epoch = &lines->cvm->epochs[i];
	if (lines->container)
		return i == lines->epoch;
	return epoch->image[0] == '\0' && text_equal(epoch->source, lines->source);
}

bool sb_lines_open(struct sb_lines *lines, const struct sb_world *world, const struct sb_cvm *cvm, const struct sb_log_lies *lies,
	const char *source, bool container)
{
	int64_t now = clock_wall_ms();
	bool found = false;
	*lines = (struct sb_lines){ .world = world, .cvm = cvm, .lies = lies, .container = container };
	text_copy(lines->source, sizeof(lines->source), source);
	for (size_t i = 0; i < cvm->epoch_count; i++) {
		const struct sb_epoch *epoch = &cvm->epochs[i];
		if (text_equal(epoch->source, source) && (epoch->image[0] != '\0') == container && epoch->from_ms <= now) {
			lines->epoch = i;
			found = true;
		}
	}
	return found;
}

uint64_t sb_lines_count(const struct sb_lines *lines, int64_t now_ns)
{
	uint64_t count = 0;
	for (size_t i = 0; i < lines->cvm->epoch_count; i++)
		if (epoch_belongs(lines, i)) {
			struct run run = run_of(lines, &lines->cvm->epochs[i], now_ns);
			count += run_count(&run);
		}
	return count;
}

bool sb_lines_ended(const struct sb_lines *lines, int64_t now_ns)
{
	if (!lines->container)
		return false;
	struct run run = run_of(lines, &lines->cvm->epochs[lines->epoch], now_ns);
	return run.closed;
}

/* Where line i is: its run, as it is at the end of time, and its place therein. */
static struct run find_run(const struct sb_lines *lines, uint64_t *i, size_t *epoch)
{
	struct run run = { 0 };
	for (size_t e = 0; e < lines->cvm->epoch_count; e++) {
		if (!epoch_belongs(lines, e))
			continue;
		run = run_of(lines, &lines->cvm->epochs[e], (clock_wall_ms() + FAR_MS) * NS_PER_MS);
		*epoch = e;
		if (*i < run_count(&run))
			return run;
		*i -= run_count(&run);
	}
	*i = 0;
	return run;
}

static int64_t run_time(const struct run *run, uint64_t i)
{
	if (i < run->starts)
		return run->from_ns + (int64_t)i * START_STEP_MS * NS_PER_MS;
	if (i < run->starts + run->steady)
		return run->steady_ns + (int64_t)(i - run->starts) * run->period;
	return run->until_ns + (int64_t)(i - run->starts - run->steady);
}

int64_t sb_lines_time(const struct sb_lines *lines, uint64_t i)
{
	size_t epoch = 0;
	struct run run = find_run(lines, &i, &epoch);
	return run_time(&run, i);
}

static void access_line(struct buf *out, uint64_t r, int64_t at_ns)
{
	static const char *const paths[] = { "/", "/healthz", "/api/v1/charge", "/static/app.js", "/metrics", "/login" };
	static const int statuses[] = { 200, 200, 200, 204, 301, 404, 500 };
	char stamp[32];
	time_t seconds = (time_t)(at_ns / (1000 * NS_PER_MS));
	struct tm parts;
	gmtime_r(&seconds, &parts);
	strftime(stamp, sizeof(stamp), "%d/%b/%Y:%H:%M:%S +0000", &parts);
	buf_add_format(out, "10.0.%u.%u - - [%s] \"GET %s HTTP/1.1\" %d %u", (unsigned)(r % 4), (unsigned)(r >> 8) % 250, stamp,
		paths[(r >> 16) % COUNT(paths)], statuses[(r >> 24) % COUNT(statuses)], (unsigned)(r >> 32) % 9000);
}

static void service_line(struct buf *out, uint64_t r)
{
	static const char *const levels[] = { "INFO", "INFO", "INFO", "DEBUG", "WARN", "INFO", "ERROR" };
	static const char *const texts[] = { "request handled", "cache refreshed", "job finished", "connection to database is slow",
		"retrying upstream", "checkpoint written" };
	buf_add_format(out, "{\"level\":\"%s\",\"msg\":\"%s\",\"request_id\":\"%08x\",\"ms\":%u}", levels[r % COUNT(levels)],
		texts[(r >> 8) % COUNT(texts)], (unsigned)(r >> 16), (unsigned)(r >> 48) % 900);
}

static void steady_line(const struct sb_lines *lines, const char *image, uint64_t i, int64_t at_ns, struct buf *out)
{
	uint64_t r = dice(lines, i);
	if (lines->lies->big_line && i % 50 == 7) {
		for (size_t n = 0; n < 10 * 1024 * 1024; n += 64)
			buf_add_text(out, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	} else if (lines->lies->hostile && i % 3 == 1) {
		buf_add_text(out, hostile[r % COUNT(hostile)]);
		if (r % 11 == 0)
			buf_add(out, "nul\0inside", 10);
	} else if (!lines->container) {
		buf_add_format(out, "[%5" PRIu64 ".%06u] dstack-guest: heartbeat %" PRIu64 " load 0.%02u", i * 2, (unsigned)(r % 1000000), i,
			(unsigned)(r >> 32) % 100);
	} else if (strstr(image, "nginx") != NULL || strstr(image, "caddy") != NULL) {
		access_line(out, r, at_ns);
	} else {
		service_line(out, r);
	}
}

void sb_lines_read(const struct sb_lines *lines, uint64_t i, struct sb_line *line)
{
	size_t epoch = 0;
	struct run run = find_run(lines, &i, &epoch);
	const char *image = lines->cvm->epochs[epoch].image;
	const char *const *starts = lines->container ? container_start : machine_start;
	const char *const *ends = lines->container ? container_end : machine_end;
	buf_reset(&line->text);
	line->at_ns = run_time(&run, i);
	line->to_stderr = lines->container && dice(lines, i) % 7 == 3;
	if (i < run.starts)
		buf_add_format(&line->text, lines->container ? "%s: %s" : "%.0s%s", image, starts[i]);
	else if (i < run.starts + run.steady)
		steady_line(lines, image, i - run.starts, line->at_ns, &line->text);
	else
		buf_add_text(&line->text, ends[i - run.starts - run.steady]);
}
