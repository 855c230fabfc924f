/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/* Stands in for the vmlinux.h that schedulers include: the types that the model has. */
#ifndef SCXM_VMLINUX_H
#define SCXM_VMLINUX_H
#include "scxm/native.h"
#endif
