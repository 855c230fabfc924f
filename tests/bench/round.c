/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * One round of the balancer, to be counted by callgrind: 64 CPUs in 8 domains, over a kernel that is
 * none, so that nothing but the balancer's own instructions is counted.
 *   round THREADS SHARE
 * All threads are always runnable. Of each SHARE threads one is in domain 0, wherever it would be else:
 * the round that plans their moves is counted. With 0 all is well.
 */
#include <stdio.h>
#include <stdlib.h>

#include <scx/balancer.h>
#include <scx/domain.h>
#include <scx/scx.h>

#include "../lib/fake_backend.h"

#define DOMAINS 8

/* callgrind counts what is inside of this. */
__attribute__((noinline)) int counted_round(struct scx_balancer *b);

int counted_round(struct scx_balancer *b)
{
	return scx_balancer_round(b);
}

static unsigned domain_of(unsigned i, unsigned share)
{
	return share && i % share == share - 1 ? 0 : i % DOMAINS;
}

int main(int argc, char **argv)
{
	static struct fake fake;
	unsigned nr = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
	unsigned share = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
	int made = 0;
	const struct scx_round *round;
	struct scx_balancer *b;
	char err[256] = "";
	struct scx *s;

	fake_init(&fake);
	fake.now_ns = 1000000000;
	s = scx_open("any", &SCX_OPTS(scx_open_opts, .backend = &fake.backend, .errbuf = err,
				      .errbuf_size = sizeof(err)));
	if (!s || scx_attach(s) < 0)
		return fprintf(stderr, "%s\n", s ? scx_errmsg(s) : err), 1;
	for (unsigned i = 0; i < nr; i++)
		fake_task(&fake, (int)i + 1, domain_of(i, share));
	b = scx_balancer_new(s, NULL);
	/* Begins, looks at tasks, and has all the memory that it needs. */
	for (unsigned i = 0; b && i < 2; i++) {
		made = scx_balancer_round(b);
		fake.now_ns += 250000000;
	}
	made = b && made == 1 ? counted_round(b) : made;
	if (!b || made != 1)
		return fprintf(stderr, "%s\n", b ? scx_balancer_errmsg(b) : "no balancer"), 1;
	round = scx_balancer_last(b);
	printf("%s, %zu moves of %zu tasks that were read\n",
	       round->kind == SCX_ROUND_CALM ? "calm" : "planned", round->plan->move_count,
	       round->input->task_count);
	scx_balancer_free(b);
	scx_close(s);
	return 0;
}
