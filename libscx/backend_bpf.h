/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The running kernel's backend, inside: what its files share.
 */
#ifndef SCXI_BACKEND_BPF_H
#define SCXI_BACKEND_BPF_H

#include "backend.h"
#include "bpf_record.h"

struct bpf_link;
struct bpf_map;
struct btf;

/* BPF_MAP_TYPE_ARENA, which <linux/bpf.h> has from Linux 6.9 on; ABI. */
#define SCXI_MAP_TYPE_ARENA 33U

struct scxi_bpf {
	struct scxi_session session;
	const struct scxi_source *source;
	struct scxi_ops_wish wish;
	struct bpf_object *object; /* NULL between unload and renew */
	struct bpf_map *ops;
	struct scxi_features features;
	struct scxi_record record;
	uint64_t hotplug_seq; /* when it was opened */
	bool loaded;
	struct bpf_link *link;
	uint64_t enable_seq; /* of our run */
	int epoll;
	int timer;
};

static inline struct scxi_bpf *scxi_bpf_of(struct scxi_session *session)
{
	return (struct scxi_bpf *)(void *)session;
}

/* bpf_object.c: the libbpf object. */
int scxi_bpf_object_open(struct scxi_bpf *b, struct scxi_error *err);
void scxi_bpf_object_close(struct scxi_bpf *b);
void scxi_bpf_object_abandon(struct scxi_bpf *b);
/* The type of a struct_ops map: its length without a suffix behind "___"; 0: it has none. */
size_t scxi_bpf_ops_type(const struct btf *btf, const struct bpf_map *map, const char **ret);

/* bpf_prepare.c: fits the open object to the running kernel. */
int scxi_bpf_prepare(struct scxi_bpf *b, struct scxi_error *err);

/* bpf_attach.c: load, attach, detach, verbs. */
int scxi_bpf_load(struct scxi_session *session, struct scxi_error *err);
int scxi_bpf_attach(struct scxi_session *session, struct scxi_error *err);
void scxi_bpf_detach(struct scxi_session *session);
void scxi_bpf_unload(struct scxi_session *session);
int scxi_bpf_memory(struct scxi_session *session, struct scxi_memory *ret);
int scxi_bpf_verb(struct scxi_session *session, const char *verb, void *arg, size_t size);
int scxi_bpf_end(struct scxi_session *session, struct scxi_end *ret);

/* bpf_wait.c: descriptors and sleep. */
int scxi_bpf_wait_open(struct scxi_bpf *b);
void scxi_bpf_watch(struct scxi_bpf *b, int fd, bool on);
int scxi_bpf_fd(struct scxi_session *session);
int scxi_bpf_alarm(struct scxi_session *session, uint64_t at_ns);
int scxi_bpf_wait(struct scxi_session *session, int extra_fd, uint64_t deadline_ns);
uint64_t scxi_bpf_now(const struct scx_backend *backend);

/* bpf_task.c: threads and their policy. */
int scxi_bpf_task(const struct scx_backend *backend, pid_t tid, enum scxi_task_op op);
int scxi_bpf_threads(const struct scx_backend *backend, pid_t tid, pid_t **ret_tids);

#endif /* SCXI_BACKEND_BPF_H */
