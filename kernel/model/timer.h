/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* bpf_timer. */
#ifndef SCXM_TIMER_H
#define SCXM_TIMER_H

#include "scxm.h"

int scxm_timer_cpu(const struct scxm_event *event);
void scxm_timer_fire(struct scxm *m, struct scxm_event *event);
void scxm_timers_free(struct scxm *m);

#endif
