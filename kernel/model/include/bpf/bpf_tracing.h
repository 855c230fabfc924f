/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* A program is a C function with its arguments: no context array, no casts, readable in gdb. */
#ifndef SCXM_BPF_TRACING_H
#define SCXM_BPF_TRACING_H

#include "bpf_helpers.h"

#define BPF_PROG(name, args...) name(args)
#define BPF_PROG2(name, args...) name(args)
#define BPF_KPROBE(name, args...) name(args)

#endif
