// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/*
 * busy OBJECT: while a scheduler is attached a second one is refused with -EBUSY, and the sentence
 * names the first. The first goes on; when it is gone, the second attaches.
 */
#include <errno.h>
#include <string.h>

#include "fixture.h"

int main(int argc, char **argv)
{
	struct scx *first, *second;

	expect(argc == 2, "busy OBJECT");
	first = open_scheduler(argv[1], NULL);
	second = open_scheduler("simple", NULL);
	attach(first);
	for (int i = 0; i < 2; i++) {
		int err = scx_attach(second);

		expect(err == -EBUSY, "the second one: %d: %s", err, scx_errmsg(second));
		expect(strstr(scx_errmsg(second), scx_name(first)), "who is it? %s",
		       scx_errmsg(second));
		expect(scx_state(second) != SCX_STATE_ATTACHED && !scx_end(second), "state %d",
		       scx_state(second));
		expect_attached(first);
	}
	finish(first);
	attach(second);
	finish(second);
	return 0;
}
