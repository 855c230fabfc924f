/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * --check: would it run here?
 */
#ifndef REQUIREMENTS_H
#define REQUIREMENTS_H

#include <stdbool.h>
#include <stdio.h>

struct options;

/*
 * Prints each requirement with yes or no, the reason and the remedy. Returns enum report_status: 0 if it
 * would run.
 */
int requirements_check(FILE *out, const struct options *o);

#endif /* REQUIREMENTS_H */
