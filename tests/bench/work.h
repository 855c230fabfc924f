/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/* What the workloads of the benchmark share. */
#ifndef BENCH_WORK_H
#define BENCH_WORK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "mark.h"

uint64_t now_ns(void);
_Noreturn void die(const char *what);

/* This thread runs on @cpu only. */
void pin(int cpu);
void *shared_memory(size_t bytes);
pid_t start(void);

/* One figure of the table. */
void figure(const char *name, double value);

/* The workloads; arguments as on the command line, after the name. Each prints its figures. */
int pingpong(int phase, int argc, char **argv);
int yield(int phase, int argc, char **argv);
int messages(int phase, int argc, char **argv);
int hogs(int phase, int argc, char **argv);
int skew(int phase, int argc, char **argv);

#endif
