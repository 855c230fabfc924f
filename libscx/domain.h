/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Domains, inside the library: the table of definitions.
 */
#ifndef SCXI_DOMAIN_H
#define SCXI_DOMAIN_H

#include <stdbool.h>

#include <include/scx/verb.h>

#define SCXI_NO_NODE 0xffffffffU
#define SCXI_DOMAINS_ROOM_MIN 64

struct scx;

struct scxi_definition {
	struct scx_verb_domain_define verb;
	bool ordered; /* the caller said which others are near */
};

/* Replaces all domains by @table, SCX_DOMAIN_MAX of them, and takes it also on failure. */
int scxi_domains_replace(struct scx *scx, struct scxi_definition **table);
void scxi_table_free(struct scxi_definition **table);

#endif /* SCXI_DOMAIN_H */
