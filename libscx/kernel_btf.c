/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * The running kernel's BTF: see kernel_btf.h. It is a header, types one after the other, and a table
 * of strings; ids count types from 1. Everything is checked to lie inside.
 */
#include "kernel_btf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auto.h"

#define PATH "/sys/kernel/btf/vmlinux"
#define BYTES_MAX (256U << 20)

static int read_all(struct scxi_kernel_btf *btf, int fd)
{
	size_t done = 0;

	/* Since 6.16 it can be mapped. */
	btf->data = mmap(NULL, btf->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	btf->mapped = btf->data != MAP_FAILED;
	if (btf->mapped)
		return 0;
	btf->data = malloc(btf->bytes);
	if (!btf->data)
		return -ENOMEM;
	while (done < btf->bytes) {
		ssize_t n = read(fd, (char *)btf->data + done, btf->bytes - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EINVAL;
		done += (size_t)n;
	}
	return 0;
}

static int check_header(struct scxi_kernel_btf *btf)
{
	const struct btf_header *h = btf->data;
	uint64_t types, strings;

	if (btf->bytes < sizeof(*h) || h->magic != BTF_MAGIC || h->hdr_len < sizeof(*h))
		return -EINVAL;
	types = (uint64_t)h->hdr_len + h->type_off;
	strings = (uint64_t)h->hdr_len + h->str_off;
	if (types + h->type_len > btf->bytes || strings + h->str_len > btf->bytes || types % 4 ||
	    !h->str_len)
		return -EINVAL;
	btf->types = (const uint8_t *)btf->data + types;
	btf->types_end = btf->types + h->type_len;
	btf->strings = (const char *)btf->data + strings;
	btf->strings_bytes = h->str_len;
	return btf->strings[h->str_len - 1] ? -EINVAL : 0;
}

int scxi_kernel_btf_open(struct scxi_kernel_btf *btf)
{
	scxi_auto_close int fd = open(PATH, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int err;

	memset(btf, 0, sizeof(*btf));
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		return -errno;
	if (st.st_size <= 0 || st.st_size > BYTES_MAX)
		return -EINVAL;
	btf->bytes = (size_t)st.st_size;
	err = read_all(btf, fd);
	if (!err)
		err = check_header(btf);
	if (err)
		scxi_kernel_btf_close(btf);
	return err;
}

void scxi_kernel_btf_close(struct scxi_kernel_btf *btf)
{
	if (btf->mapped)
		(void)munmap(btf->data, btf->bytes); /* our own mapping */
	else
		free(btf->data);
	memset(btf, 0, sizeof(*btf));
}

const char *scxi_kernel_btf_string(const struct scxi_kernel_btf *btf, uint32_t offset)
{
	return offset < btf->strings_bytes ? btf->strings + offset : "";
}

/* Bytes of what follows the fixed part; SIZE_MAX for a kind that is not known. */
static size_t extra_bytes(const struct btf_type *t)
{
	size_t n = btf_vlen(t);

	switch (btf_kind(t)) {
	case BTF_KIND_FWD:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	case BTF_KIND_INT:
		return sizeof(uint32_t);
	case BTF_KIND_ENUM:
		return n * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return n * sizeof(struct btf_enum64);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return n * sizeof(struct btf_member);
	case BTF_KIND_FUNC_PROTO:
		return n * sizeof(struct btf_param);
	case BTF_KIND_VAR:
		return sizeof(struct btf_var);
	case BTF_KIND_DATASEC:
		return n * sizeof(struct btf_var_secinfo);
	case BTF_KIND_DECL_TAG:
		return sizeof(struct btf_decl_tag);
	default:
		return SIZE_MAX;
	}
}

int scxi_kernel_btf_walk(const struct scxi_kernel_btf *btf, scxi_type_fn fn, void *arg)
{
	const uint8_t *at = btf->types;
	uint32_t id = 0;

	while (at < btf->types_end) {
		const struct btf_type *t = (const void *)at;
		size_t left = (size_t)(btf->types_end - at), extra;
		int err;

		if (left < sizeof(*t))
			return -EINVAL;
		extra = extra_bytes(t);
		if (extra > left - sizeof(*t))
			return -EINVAL;
		err = fn(arg, btf, ++id, t, scxi_kernel_btf_string(btf, t->name_off));
		if (err)
			return err;
		at += sizeof(*t) + extra;
	}
	return 0;
}

#define FUNCTIONS_MAX 512

struct damage {
	uint32_t protos[FUNCTIONS_MAX]; /* of functions of sched_ext */
	const char *names[FUNCTIONS_MAX];
	uint32_t last[FUNCTIONS_MAX]; /* type of the last argument of each */
	unsigned nr;
	uint32_t aux;	  /* struct bpf_prog_aux */
	uint32_t aux_ptr; /* a pointer to it */
};

static bool is_function(const char *name)
{
	size_t len = strlen(name);

	if (strncmp(name, "scx_bpf_", 8) && strncmp(name, "__scx_bpf_", 10))
		return false;
	/* The inner half of such a function really has the argument. */
	return len < 5 || strcmp(name + len - 5, "_impl") != 0;
}

static int find_functions(void *arg, const struct scxi_kernel_btf *btf, uint32_t id,
			  const struct btf_type *t, const char *name)
{
	struct damage *d = arg;

	(void)btf;
	if (btf_is_struct(t) && strcmp(name, "bpf_prog_aux") == 0)
		d->aux = id;
	if (btf_is_func(t) && is_function(name) && d->nr < FUNCTIONS_MAX) {
		d->protos[d->nr] = t->type;
		d->names[d->nr++] = name;
	}
	return 0;
}

static int find_arguments(void *arg, const struct scxi_kernel_btf *btf, uint32_t id,
			  const struct btf_type *t, const char *name)
{
	struct damage *d = arg;

	(void)btf;
	(void)name;
	if (btf_is_ptr(t) && t->type == d->aux)
		d->aux_ptr = id;
	if (!btf_is_func_proto(t) || !btf_vlen(t))
		return 0;
	for (unsigned i = 0; i < d->nr; i++)
		if (d->protos[i] == id)
			d->last[i] = btf_params(t)[btf_vlen(t) - 1].type;
	return 0;
}

int scxi_kernel_btf_damage(const struct scxi_kernel_btf *btf, char *names, size_t size)
{
	scxi_auto_free struct damage *d = calloc(1, sizeof(*d));
	size_t len = 0;
	int nr = 0;

	names[0] = '\0';
	if (!d || scxi_kernel_btf_walk(btf, find_functions, d) || !d->aux ||
	    scxi_kernel_btf_walk(btf, find_arguments, d) || !d->aux_ptr)
		return 0;
	for (unsigned i = 0; i < d->nr; i++) {
		if (d->last[i] != d->aux_ptr)
			continue;
		nr++;
		if (len + strlen(d->names[i]) + 3 < size)
			len += (size_t)snprintf(names + len, size - len, "%s%s", len ? ", " : "",
						d->names[i]);
	}
	return nr;
}
