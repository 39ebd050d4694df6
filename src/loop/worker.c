/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two queues behind one mutex: what waits and what has ended. The thread has
 * all signals blocked, so that they arrive on the loop.
 */
#include "loop/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

struct job {
	struct job *next;
	void (*job)(void *);
	void (*done)(void *);
	void *ctx;
};

struct queue {
	struct job *first, **last;
};

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct queue waiting, ended;
	int fd;
	bool started, stopping;
};

static void queue_add(struct queue *queue, struct job *job)
{
	job->next = NULL;
	*queue->last = job;
	queue->last = &job->next;
}

static struct job *queue_take(struct queue *queue)
{
	struct job *job = queue->first;

	if (!job)
		return NULL;
	queue->first = job->next;
	if (!queue->first)
		queue->last = &queue->first;
	return job;
}

static struct job *next_job(struct worker *worker)
{
	struct job *job;

	pthread_mutex_lock(&worker->lock);
	while (!worker->stopping && !worker->waiting.first)
		pthread_cond_wait(&worker->more, &worker->lock);
	job = queue_take(&worker->waiting); /* also when stopping: what was asked for is done, a journal's write above all */
	pthread_mutex_unlock(&worker->lock);
	return job;
}

static void *run(void *ctx)
{
	struct worker *worker = ctx;
	struct job *job;

	while ((job = next_job(worker))) {
		uint64_t one = 1;
		ssize_t put;

		job->job(job->ctx);
		pthread_mutex_lock(&worker->lock);
		queue_add(&worker->ended, job);
		pthread_mutex_unlock(&worker->lock);
		put = write(worker->fd, &one, sizeof(one));
		(void)put;
	}
	return NULL;
}

struct worker *worker_new(void)
{
	struct worker *worker = mem_new(1, sizeof(*worker));

	worker->waiting.last = &worker->waiting.first;
	worker->ended.last = &worker->ended.first;
	worker->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (worker->fd < 0) {
		free(worker);
		return NULL;
	}
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->more, NULL);
	return worker;
}

/* Signals are the loop's. */
static void start(struct worker *worker)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&worker->thread, NULL, run, worker))
		mem_die("the system gives no thread for work in the background");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	worker->started = true;
}

static struct job *queue_take_all(struct queue *queue)
{
	struct job *jobs = queue->first;

	queue->first = NULL;
	queue->last = &queue->first;
	return jobs;
}

/*
 * What has ended is handed to its owner, gone or not: only there is it freed, and a key in it wiped. What ends meanwhile,
 * perhaps asked for by these, has its turn with the loop's other work.
 */
static void deliver(struct worker *worker)
{
	struct job *job, *next;

	pthread_mutex_lock(&worker->lock);
	job = queue_take_all(&worker->ended);
	pthread_mutex_unlock(&worker->lock);
	for (; job; job = next) {
		next = job->next;
		job->done(job->ctx);
		free(job);
	}
}

static void drop(struct queue *queue)
{
	struct job *job;

	while ((job = queue_take(queue)))
		free(job);
}

void worker_free(struct worker *worker)
{
	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_cond_signal(&worker->more);
	pthread_mutex_unlock(&worker->lock);
	if (worker->started)
		pthread_join(worker->thread, NULL);
	deliver(worker);
	drop(&worker->waiting);
	pthread_mutex_destroy(&worker->lock);
	pthread_cond_destroy(&worker->more);
	close(worker->fd);
	free(worker);
}

int worker_fd(const struct worker *worker)
{
	return worker->fd;
}

void worker_add(struct worker *worker, void (*job)(void *), void (*done)(void *), void *ctx)
{
	struct job *fresh = mem_new(1, sizeof(*fresh));

	if (!worker->started)
		start(worker);
	*fresh = (struct job){ NULL, job, done, ctx };
	pthread_mutex_lock(&worker->lock);
	queue_add(&worker->waiting, fresh);
	pthread_cond_signal(&worker->more);
	pthread_mutex_unlock(&worker->lock);
}

void worker_deliver(struct worker *worker)
{
	uint64_t count;
	ssize_t got = read(worker->fd, &count, sizeof(count));

	(void)got;
	deliver(worker);
}
