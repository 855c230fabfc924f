// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * What a scheduler asks of the kernel's BTF, answered for the kernel that the model poses as: so the
 * branches for older kernels run too.
 */
#include <string.h>

#include "kf.h"
#include "object.h"

struct since {
	const char *name;
	uint32_t kernel;
};

static bool has(const struct since *list, size_t nr, const char *name)
{
	for (size_t i = 0; i < nr; i++) {
		if (!strcmp(list[i].name, name))
			return scxm_here->kernel >= list[i].kernel;
	}
	return true; /* always there */
}

bool scxm_h_ksym_exists(const char *name)
{
	return scxm_table_has(scxm_here, name);
}

/* The field's name alone counts: "info->exit_cpu", "struct scx_exit_info, exit_cpu". */
bool scxm_h_field_exists(const char *expression)
{
	static const struct since fields[] = {
		{ "exit_cpu", SCXM_KERNEL(7, 2) },
	};
	const char *name = expression + strlen(expression);

	while (name > expression && (name[-1] == '_' || (name[-1] >= '0' && name[-1] <= '9') ||
				     (name[-1] | 32) - 'a' + 0U < 26U))
		name--;
	return has(fields, sizeof(fields) / sizeof(fields[0]), name);
}

bool scxm_h_type_exists(const char *type)
{
	static const struct since types[] = {
		{ "struct scx_bpf_select_cpu_and_args", SCXM_KERNEL(6, 19) },
		{ "struct scx_bpf_dsq_insert_vtime_args", SCXM_KERNEL(6, 19) },
	};

	return has(types, sizeof(types) / sizeof(types[0]), type);
}

bool scxm_h_enum_exists(const char *name)
{
	static const struct since values[] = {
		{ "SCX_ENQ_IMMED", SCXM_KERNEL(7, 1) },
		{ "SCX_ENQ_RESCUE", SCXM_KERNEL(7, 3) },
		{ "SCX_DEQ_SCHED_CHANGE", SCXM_KERNEL(7, 1) },
	};

	return has(values, sizeof(values) / sizeof(values[0]), name);
}

/* Values are those of 7.3 inside the model, whatever it poses as: a scheduler only hands them back. */
u64 scxm_h_enum_value(const char *name, u64 here)
{
	(void)name;
	return here;
}
