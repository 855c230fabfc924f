// SPDX-License-Identifier: GPL-2.0-only
/* Copyright the libscx authors */
/* A BPF object that libbpf reads, and that has no scheduler. */
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

SEC("syscall")
int nothing(void *ctx)
{
	return 0;
}
