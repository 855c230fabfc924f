/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Sysfs: see sysfs.h. Knows libc only.
 */
#include "sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <scx/cpuset.h>

#include "auto.h"
#include "tunable_tags.h"

#define DIR "/sys/kernel/sched_ext"

int scxi_sysfs_read(const char *path, char *buf, size_t size)
{
	scxi_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;

	if (fd < 0)
		return -errno;
	while (len < size - 1) {
		ssize_t n = read(fd, buf + len, size - 1 - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		len += (size_t)n;
	}
	if (len && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return (int)len;
}

int scxi_sysfs_read_u64(const char *path, uint64_t *ret)
{
	char text[32];
	int n = scxi_sysfs_read(path, text, sizeof(text));

	return n < 0 ? n : scxi_number_parse(text, false, ret);
}

int scxi_sysfs_state(struct scxi_state *ret)
{
	char text[16];
	uint64_t number;
	int n = scxi_sysfs_read(DIR "/state", text, sizeof(text));

	memset(ret, 0, sizeof(*ret));
	if (n == -ENOENT)
		return 0;
	if (n < 0)
		return n;
	ret->supported = true;
	ret->enabled = strcmp(text, "disabled") != 0;
	if (!scxi_sysfs_read_u64(DIR "/switch_all", &number))
		ret->switch_all = number;
	if (!scxi_sysfs_read_u64(DIR "/enable_seq", &number))
		ret->enable_seq = number;
	/* The directory exists only while a scheduler does. */
	if (scxi_sysfs_read(DIR "/root/ops", ret->name, sizeof(ret->name)) < 0)
		ret->name[0] = '\0';
	return 0;
}

static int read_cpus(const char *path, size_t setsize, cpu_set_t *ret)
{
	char list[4096];
	int n = scxi_sysfs_read(path, list, sizeof(list));

	return n < 0 ? n : scx_cpuset_parse(list, setsize, ret);
}

int scxi_sysfs_cpus(size_t setsize, cpu_set_t *ret_possible, cpu_set_t *ret_online)
{
	int err = 0;

	if (ret_possible)
		err = read_cpus("/sys/devices/system/cpu/possible", setsize, ret_possible);
	if (!err && ret_online)
		err = read_cpus("/sys/devices/system/cpu/online", setsize, ret_online);
	return err;
}
