/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * The command line of scx-atropos.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <scx/topology.h>

#define SETTINGS_MAX 32

/* What to do. */
enum action {
	ACTION_RUN,
	ACTION_LIST_DOMAINS,
	ACTION_CHECK,
	ACTION_DRY_RUN,
};

/* A tunable of the scheduler's, as text. */
struct setting {
	const char *name;
	const char *value;
};

struct options {
	enum action action;
	bool json;
	bool explain;
	bool still; /* plan, but move nothing */
	bool partial;
	unsigned verbose;
	unsigned restart; /* enum scx_restart */
	unsigned timeout_ms;
	enum scx_level level;
	unsigned cpus_max;
	char *lists; /* domains by hand; NULL: by level */
	const char *topology_xml;
	const char *synthetic;
	const char *record;
	uint64_t interval_ns;
	uint64_t half_life_ns;
	uint64_t stats_ns; /* 0: no table */
	struct setting settings[SETTINGS_MAX];
	unsigned nr_settings;
};

/* Reads the arguments; exits with REPORT_USAGE after a sentence if they make no sense. */
void options_parse(struct options *o, int argc, char **argv);
void options_end(struct options *o);

#endif /* OPTIONS_H */
