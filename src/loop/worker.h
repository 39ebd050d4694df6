/* SPDX-License-Identifier: Apache-2.0 */
/* One thread that runs blocking jobs in order; the loop's own tool, see loop_work. */
#ifndef CVMDECK_LOOP_WORKER_H
#define CVMDECK_LOOP_WORKER_H

struct worker;

/* The thread starts with the first job. NULL, and errno, where the system gives no descriptor. */
struct worker *worker_new(void);
/* Waits for every job there is and calls done for it; what a done adds is dropped. */
void worker_free(struct worker *worker);
/* Readable when a job has ended. */
int worker_fd(const struct worker *worker);
void worker_add(struct worker *worker, void (*job)(void *), void (*done)(void *), void *ctx);
/* Calls done for every ended job; on the loop's thread. */
void worker_deliver(struct worker *worker);

#endif
