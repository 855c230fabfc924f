/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* While a scheduler comes or goes, or is not trusted, its tasks are scheduled without it. */
#ifndef SCXM_BYPASS_H
#define SCXM_BYPASS_H

#include "scxm.h"

void scxm_bypass(struct scxm *m, bool on);
/* The timer that evens out the bypass queues. */
void scxm_bypass_balance(struct scxm *m);

#endif
