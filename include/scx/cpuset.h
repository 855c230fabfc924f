/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * CPU sets of any width, as text and back.
 *
 * A CPU set is what sched_setaffinity(2) takes: a size in bytes and a bitmap of kernel CPU numbers.
 * glibc offers macros for it (CPU_SET_S(3)); bindings of other languages cannot call macros, so the
 * few operations that a user of libscx needs are functions here. Nothing here allocates memory.
 *
 * In all calls @setsize is a multiple of sizeof(unsigned long) and not 0, else they fail with
 * -EINVAL; setsize * 8 is the first CPU number that the set cannot hold.
 *
 * Example:
 *
 *	cpu_set_t set;
 *	char text[64];
 *
 *	if (scx_cpuset_parse("0-7,16-23", sizeof(set), &set) == 0 &&
 *	    scx_cpuset_format(sizeof(set), &set, text, sizeof(text)) == 0)
 *		puts(text);
 */
#ifndef SCX_CPUSET_H
#define SCX_CPUSET_H

#include <sched.h>
#include <stddef.h>

#include <scx/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * scx_cpuset_parse - read the kernel's list format
 * @list:    "0-7,16-23"; a group "0-31:2/8" is the first 2 of every 8 CPUs of the range
 * @setsize: bytes in @ret_set
 * @ret_set: replaced by the CPUs of @list
 *
 * CPUs may come in any order and more than once. Blanks around items and a newline at the end, as
 * sysfs writes it, are skipped; an empty list is the empty set.
 *
 * Returns 0, or -EINVAL (not a list: a sign, a letter, an empty item, a range that goes down, a
 * group of 0 CPUs or with more CPUs used than it has) or -ERANGE (a CPU that the set cannot hold).
 * Threads: safe. Cost: O(length + CPUs). Since: 0.1
 */
SCX_API int scx_cpuset_parse(const char *list, size_t setsize, cpu_set_t *ret_set);

/**
 * scx_cpuset_parse_mask - read a mask in hexadecimal digits
 * @mask:    "0xff00", "ff00", or with commas between groups of 32 bits, as the kernel writes masks:
 *           "ffffffff,00000000"
 * @setsize: bytes in @ret_set
 * @ret_set: replaced by the CPUs of @mask; bit 0, the last one written, is CPU 0
 *
 * Returns 0, or -EINVAL (no digit, something else than digits, a group that has not 8 digits and is
 * not the first) or -ERANGE (a bit that the set cannot hold).
 * Threads: safe. Cost: O(length). Since: 0.1
 */
SCX_API int scx_cpuset_parse_mask(const char *mask, size_t setsize, cpu_set_t *ret_set);

/**
 * scx_cpuset_format - write the kernel's list format
 * @setsize: bytes in @set
 * @set:     the CPUs
 * @buf:     gets the list and a final 0; untouched on failure
 * @size:    bytes in @buf; 32 * @setsize + 1 are always enough for less than 100000 CPUs
 *
 * Writes the shortest ranges in ascending order, "0-3,8,10-11"; the empty set is "".
 *
 * Returns 0, or -EINVAL (@setsize), -ENOSPC (@buf is too small).
 * Threads: safe. Cost: O(CPUs). Since: 0.1
 */
SCX_API int scx_cpuset_format(size_t setsize, const cpu_set_t *set, char *buf, size_t size);

/**
 * scx_cpuset_format_mask - write a mask in hexadecimal digits
 * @setsize: bytes in @set
 * @set:     the CPUs
 * @buf:     gets the mask and a final 0; untouched on failure
 * @size:    bytes in @buf; 2 * @setsize + 3 are always enough
 *
 * Writes "0x" and the fewest digits; the empty set is "0x0".
 *
 * Returns 0, or -EINVAL (@setsize), -ENOSPC (@buf is too small).
 * Threads: safe. Cost: O(CPUs). Since: 0.1
 */
SCX_API int scx_cpuset_format_mask(size_t setsize, const cpu_set_t *set, char *buf, size_t size);

/**
 * scx_cpuset_clear - make a set empty
 * @setsize: bytes in @ret_set
 * @ret_set: becomes empty
 *
 * Returns 0, or -EINVAL (@setsize). Threads: safe. Since: 0.1
 */
SCX_API int scx_cpuset_clear(size_t setsize, cpu_set_t *ret_set);

/**
 * scx_cpuset_add - add a CPU to a set
 * @setsize: bytes in @set
 * @set:     the set
 * @cpu:     kernel CPU number
 *
 * Returns 0, or -EINVAL (@setsize), -ERANGE (the set cannot hold @cpu). Threads: safe. Since: 0.1
 */
SCX_API int scx_cpuset_add(size_t setsize, cpu_set_t *set, unsigned cpu);

/**
 * scx_cpuset_remove - take a CPU out of a set
 * @setsize: bytes in @set
 * @set:     the set
 * @cpu:     kernel CPU number
 *
 * Returns 0, also when @cpu was not in it, or -EINVAL (@setsize), -ERANGE (the set cannot hold
 * @cpu). Threads: safe. Since: 0.1
 */
SCX_API int scx_cpuset_remove(size_t setsize, cpu_set_t *set, unsigned cpu);

/**
 * scx_cpuset_has - is a CPU in a set?
 * @setsize: bytes in @set
 * @set:     the set
 * @cpu:     kernel CPU number; one that the set cannot hold is not in it
 *
 * Returns 1 or 0, or -EINVAL (@setsize). Threads: safe. Since: 0.1
 */
SCX_API int scx_cpuset_has(size_t setsize, const cpu_set_t *set, unsigned cpu);

/**
 * scx_cpuset_count - how many CPUs are in a set
 * @setsize: bytes in @set
 * @set:     the set
 *
 * Returns the number, or -EINVAL (@setsize). Threads: safe. Cost: O(@setsize). Since: 0.1
 */
SCX_API int scx_cpuset_count(size_t setsize, const cpu_set_t *set);

/**
 * scx_cpuset_next - walk over the CPUs of a set in ascending order
 * @setsize: bytes in @set
 * @set:     the set
 * @cpu:     the CPU before the one that is asked for; -1 to begin
 *
 *	for (int cpu = -1; (cpu = scx_cpuset_next(setsize, set, cpu)) >= 0;)
 *
 * Returns the least CPU number above @cpu, or -ENOENT (there is none), -EINVAL (@setsize).
 * Threads: safe. Cost: O(@setsize) for the whole walk, O(1) a CPU in a full set. Since: 0.1
 */
SCX_API int scx_cpuset_next(size_t setsize, const cpu_set_t *set, int cpu);

#ifdef __cplusplus
}
#endif

#endif /* SCX_CPUSET_H */
