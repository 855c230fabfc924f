/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* Requests of schedulers that a CPU schedules: idle, preempt, wait. */
#ifndef SCXM_KICK_H
#define SCXM_KICK_H

#include "scxm.h"

void scxm_kick(struct scxm *m, int cpu, uint64_t flags);
/* Carries out what was asked for on @cpu, when its runqueue's lock is free. */
void scxm_kick_irq(struct scxm *m, struct scxm_cpu *cpu);
/* KICK_WAIT: @cpu waits until the kicked ones have switched. */
void scxm_kick_sync_begin(struct scxm *m, struct scxm_cpu *cpu);
/* @cpu's task leaves it: whoever waits for that looks again. */
void scxm_kick_sync_advance(struct scxm *m, struct scxm_cpu *cpu);

#endif
