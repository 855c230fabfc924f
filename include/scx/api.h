/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * What every public header needs: the mark of an exported function, and the way to fill an options
 * struct. Programs have no reason to include this file; the other headers do.
 *
 * Example:
 *
 *	struct scx_topology *t = scx_topology_new(&SCX_OPTS(scx_topology_opts, .xml = "box.xml"));
 */
#ifndef SCX_API_H
#define SCX_API_H

#include <stddef.h>

/* An exported function; everything else in the library is hidden. */
#ifndef SCX_API
#define SCX_API __attribute__((visibility("default")))
#endif

/*
 * SCX_OPTS - an options struct with its size filled in, and the named members set (at least one).
 * What is not named is zero, which is always the default. Programs in other languages set @size to
 * the size of the struct that they know.
 */
#ifndef SCX_OPTS
#define SCX_OPTS(type, ...) ((struct type){ .size = sizeof(struct type), __VA_ARGS__ })
#endif

#endif /* SCX_API_H */
