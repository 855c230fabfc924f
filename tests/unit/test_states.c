/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
#include <scx/scx.h>

#include <criterion/criterion.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <scx/domain.h>
#include <scx/partition.h>
#include <scx/topology.h>

#include "../lib/fake_backend.h"
#include "../lib/state_walk.h"

static struct scx *make(void *arg, enum walk_state state)
{
	struct fake *f = arg;
	struct scx *s;

	f->kernel.enabled = false;
	s = scx_open("any", &SCX_OPTS(scx_open_opts, .backend = &f->backend,
				      .restart = SCX_RESTART_ERRORS));
	if (!s || scx_domain_set_list(s, 0, "0-1") || scx_domain_set_list(s, 1, "2-3"))
		return NULL;
	if (state == WALK_LOADED)
		cr_assert_eq(scx_load(s), 0);
	if (state >= WALK_ATTACHED)
		cr_assert_eq(scx_attach(s), 0);
	if (state == WALK_ENDED)
		fake_end(f, SCX_END_SYSRQ, 0, "");
	if (state == WALK_RESTARTING) {
		fake_end(f, SCX_END_ERROR, 0, "");
		f->kernel.enabled = true;
	}
	if (state == WALK_DETACHED)
		cr_assert_eq(scx_detach(s), 0);
	cr_assert_eq(scx_process(s), 0);
	return s;
}

static void make_room(void *arg)
{
	((struct fake *)arg)->kernel.enabled = false;
}

Test(states, are_as_the_table_says)
{
	struct scx_topology *t =
		scx_topology_new(&SCX_OPTS(scx_topology_opts, .synthetic = "pack:1 l3:2 pu:2"));
	struct scx_partition *p = scx_partition_new(t, NULL);
	struct fake fake;
	struct walk_kernel kernel = {
		.arg = &fake, .partition = p, .make = make, .make_room = make_room
	};
	int cells;

	fake_init(&fake);
	fake.fd = eventfd(0, EFD_CLOEXEC);
	cells = walk_states(SCX_STATES_TABLE, &kernel, stderr);
	cr_assert_geq(cells, 250, "%d cells", cells);
	cr_assert_null(fake.broken, "out of order: %s", fake.broken);
	cr_assert_eq(fake.sessions, 0);
	close(fake.fd);
	scx_partition_free(p);
	scx_topology_free(t);
}
