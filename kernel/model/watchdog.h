/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* Looks for runnable tasks that do not get to run. */
#ifndef SCXM_WATCHDOG_H
#define SCXM_WATCHDOG_H

#include "scxm.h"

void scxm_watchdog_start(struct scxm *m);
void scxm_watchdog_stop(struct scxm *m);
void scxm_watchdog_run(struct scxm *m);
/* In each tick: does the watchdog itself still run? */
void scxm_watchdog_tick(struct scxm *m);

#endif
