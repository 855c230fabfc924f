/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The kernel's public BPF header, <linux/bpf.h>, and what the one of this machine may be too old to have:
 * Debian 12's is of 6.1. These numbers and this layout are the kernel's ABI and do not change; each can
 * go when no supported distribution has headers older than the release that is named.
 */
#ifndef SCX_UAPI_BPF_H
#define SCX_UAPI_BPF_H

#include <linux/bpf.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define BPF_MAP_TYPE_CGRP_STORAGE 32
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
struct bpf_iter_num {
	__u64 __opaque[1];
} __attribute__((aligned(8)));
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 9, 0)
#define BPF_MAP_TYPE_ARENA 33
#endif

#endif
