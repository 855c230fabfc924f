// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * Runs the scheduler of mine.bpf.c for some milliseconds, or until Ctrl-C: mine mine.bpf.o [ms]
 *
 *	clang $(pkg-config --variable=bpfcflags libscx) -c mine.bpf.c -o mine.bpf.o
 *	cc mine.c $(pkg-config --cflags --libs libscx) -o mine
 *	sudo ./mine ./mine.bpf.o
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <scx/scx.h>
#include <scx/tunable.h>

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
	stop = number;
}

int main(int argc, char **argv)
{
	struct scx_run_opts run = { .size = sizeof(run), .stop = &stop };
	char err[1024] = "";
	struct scx *s;
	int result;

	if (argc < 2) {
		fprintf(stderr, "usage: %s OBJECT [MILLISECONDS]\n", argv[0]);
		return 2;
	}
	if (argc > 2)
		run.timeout_ns = strtoull(argv[2], NULL, 10) * 1000000;
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	s = scx_open(argv[1], &SCX_OPTS(scx_open_opts, .errbuf = err, .errbuf_size = sizeof(err)));
	if (!s) {
		fprintf(stderr, "%s\n", err);
		return 1;
	}
	for (const struct scx_tunable *t = NULL; (t = scx_tunable_next(s, t));)
		printf("%s: %s\n", t->name, t->help);
	result = scx_attach(s);
	if (!result) {
		printf("%s is attached\n", scx_name(s));
		result = scx_run(s, &run);
	}
	if (result < 0)
		fprintf(stderr, "%s\n", scx_errmsg(s));
	(void)scx_detach(s); /* what it leaves behind is the report */
	if (scx_end(s))
		printf("%s ended: %s\n", scx_name(s), scx_end(s)->reason);
	scx_close(s);
	return result ? 1 : 0;
}
