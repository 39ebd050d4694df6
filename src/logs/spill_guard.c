/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handler calls nothing but mmap, which is a bare system call on Linux. It
 * runs in the thread that read the page, so the table does not change under it.
 */
#include "logs/spill_guard.h"

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GUARDS = 16 };

static struct {
	uintptr_t from, to; /* to 0: free */
	volatile sig_atomic_t hit;
} guards[GUARDS];
static size_t guarded;
static uintptr_t page;
static struct sigaction before;

static bool replace_page(uintptr_t address)
{
	void *at = (void *)(address & ~(page - 1)); /* NOLINT: an address the kernel gave */
	size_t i;

	for (i = 0; i < GUARDS; i++) {
		if (address < guards[i].from || address >= guards[i].to)
			continue;
		guards[i].hit = 1;
		return mmap(at, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
	}
	return false;
}

/* Back from the handler the same instruction runs again: over zeros, or into the handler that was there before. */
static void on_bus_error(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	if (!replace_page((uintptr_t)info->si_addr))
		sigaction(SIGBUS, &before, NULL);
}

static void watch(void)
{
	struct sigaction action = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	page = (uintptr_t)sysconf(_SC_PAGESIZE);
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, &before);
}

int spill_guard_begin(const void *map, size_t len)
{
	int i;

	for (i = 0; i < GUARDS && guards[i].to; i++)
		;
	if (i == GUARDS)
		return -1;
	if (!guarded++)
		watch();
	guards[i].from = (uintptr_t)map;
	guards[i].hit = 0;
	guards[i].to = (uintptr_t)map + len;
	return i;
}

bool spill_guard_hit(int guard)
{
	return guards[guard].hit;
}

void spill_guard_end(int guard)
{
	guards[guard].from = guards[guard].to = 0;
	if (!--guarded)
		sigaction(SIGBUS, &before, NULL);
}
