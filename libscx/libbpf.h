/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The way from a session of the running kernel's to its libbpf object, for the bridge.
 */
#ifndef SCXI_LIBBPF_H
#define SCXI_LIBBPF_H

struct bpf_object;
struct scxi_session;

struct bpf_object *scxi_backend_kernel_object(const struct scxi_session *session);

#endif /* SCXI_LIBBPF_H */
