/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Capabilities: see caps.h. Knows the system call only, so that no library is needed for it.
 */
#include "caps.h"

#include <linux/capability.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool has(const struct __user_cap_data_struct *data, enum scxi_cap cap)
{
	return data[cap / 32].effective >> (cap % 32) & 1;
}

bool scxi_cap_has(enum scxi_cap cap)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	memset(data, 0, sizeof(data));
	if (syscall(SYS_capget, &header, data))
		return false;
	if (cap == SCXI_CAP_BPF || cap == SCXI_CAP_PERFMON)
		return has(data, cap) || has(data, SCXI_CAP_SYS_ADMIN);
	return has(data, cap);
}

const char *scxi_caps_missing(void)
{
	bool bpf = scxi_cap_has(SCXI_CAP_BPF), perfmon = scxi_cap_has(SCXI_CAP_PERFMON);

	if (!bpf && !perfmon)
		return "CAP_BPF and CAP_PERFMON";
	if (!bpf)
		return "CAP_BPF";
	return perfmon ? "" : "CAP_PERFMON";
}
