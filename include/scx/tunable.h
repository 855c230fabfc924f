/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Tunables: what a scheduler lets one choose before it is loaded.
 *
 * They are discovered: every `const volatile` global variable of a scheduler is one, its type and
 * default are read from the object, its help, unit and range from BTF declaration tags. So they work
 * for any scheduler, also for one that this library never saw.
 *
 * Example:
 *
 *	const struct scx_tunable *t = NULL;
 *
 *	while ((t = scx_tunable_next(s, t)))
 *		printf("%s (%s): %s\n", t->name, t->unit, t->help);
 *	if (scx_tunable_set(s, "slice_us", "5000") < 0)
 *		fprintf(stderr, "%s\n", scx_errmsg(s));
 */
#ifndef SCX_TUNABLE_H
#define SCX_TUNABLE_H

#include <stddef.h>
#include <stdint.h>

#include <scx/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct scx;

enum scx_tunable_type {
	SCX_TUNABLE_UNSIGNED = 1, /* decimal, or hexadecimal with 0x; or a name of @values */
	SCX_TUNABLE_SIGNED = 2,	  /* the same, with a sign */
	SCX_TUNABLE_BOOL = 3,	  /* 0 no false off, 1 yes true on */
	SCX_TUNABLE_STRING = 4,	  /* at most @size - 1 bytes */
};

/**
 * struct scx_tunable - a tunable
 * @name:   of the variable
 * @help:   a sentence; "" if the scheduler has none
 * @unit:   "us", "ns", ...; "" if it has none
 * @values: names for values, "fifo=0,vtime=1"; "" if there are none
 * @type:   enum scx_tunable_type
 * @size:   bytes of the variable
 * @min:    the least value, if it is a number; of a signed one it is the bit pattern of an int64_t
 * @max:    the greatest value, likewise
 *
 * Read it through the pointer only, do not copy it: later versions have more fields.
 */
struct scx_tunable {
	const char *name;
	const char *help;
	const char *unit;
	const char *values;
	unsigned type;
	unsigned size;
	uint64_t min;
	uint64_t max;
};

/**
 * scx_tunable_next - walk over the tunables, in the order of the object
 * @scx:  in any state
 * @prev: the one before; NULL to begin
 *
 * Returns the next one, or NULL when there are no more. It is valid as long as @scx.
 * Threads: safe. Since: 0.1
 */
SCX_API const struct scx_tunable *scx_tunable_next(const struct scx *scx,
						   const struct scx_tunable *prev);

/**
 * scx_tunable_find - a tunable by its name
 * @scx:  in any state
 * @name: its name
 *
 * Returns it, or NULL. Threads: safe. Since: 0.1
 */
SCX_API const struct scx_tunable *scx_tunable_find(const struct scx *scx, const char *name);

/**
 * scx_tunable_set - choose a value, given as text
 * @scx:   opened, ended or detached
 * @name:  of a tunable
 * @value: as scx_tunable_type says; one of the names in @values, or a number
 *
 * Takes effect when the scheduler is loaded; it stays for restarts.
 *
 * Returns 0, or -ENOENT (no such tunable; the sentence lists them), -EINVAL (not a value of its
 * type), -ERANGE (outside its range or type), -EBUSY (loaded already).
 * Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_tunable_set(struct scx *scx, const char *name, const char *value);

/**
 * scx_tunable_set_u64 - choose a value, given as a number
 * @scx:   opened, ended or detached
 * @name:  of a tunable that is not a string
 * @value: for a signed one the bit pattern of an int64_t
 *
 * Returns as scx_tunable_set(). Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_tunable_set_u64(struct scx *scx, const char *name, uint64_t value);

/**
 * scx_tunable_get - the value as text
 * @scx:  in any state
 * @name: of a tunable
 * @buf:  gets the text: a name of @values if the value has one, else a number; untouched on failure
 * @size: bytes in @buf; 64 are enough for all but strings
 *
 * Returns 0, or -ENOENT (no such tunable), -ENOSPC (@buf is too small).
 * Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_tunable_get(struct scx *scx, const char *name, char *buf, size_t size);

/**
 * scx_tunable_get_u64 - the value as a number
 * @scx:       in any state
 * @name:      of a tunable that is not a string
 * @ret_value: gets it; of a signed one the bit pattern of an int64_t; untouched on failure
 *
 * Returns 0, or -ENOENT (no such tunable), -EINVAL (a string).
 * Threads: not with another call on @scx. Since: 0.1
 */
SCX_API int scx_tunable_get_u64(struct scx *scx, const char *name, uint64_t *ret_value);

#ifdef __cplusplus
}
#endif

#endif /* SCX_TUNABLE_H */
