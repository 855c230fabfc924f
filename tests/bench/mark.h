/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * How a workload tells the counting plugin where a phase begins and ends: it executes a return
 * instruction at an address of its choice, which the plugin sees like any other instruction.
 */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

#define MARK_BASE 0x600000000000ULL /* user space has nothing there by itself */
#define MARK_STEP 16
#define PHASES_MAX 32

/* The phase PHASE begins (its first mark) and ends; without the plugin this does nothing. */
void phase_begins(int phase);
void phase_ends(int phase);

#endif
