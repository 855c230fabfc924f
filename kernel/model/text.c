// SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
/* Copyright the libscx authors */
/*
 * Text from a format and 64-bit words, as the kernel's bstr_printf() makes it for BPF programs:
 * %d %i %u %x %p %s %c %% with widths, zeros and l or ll. A size less than long cuts the word.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kf.h"

struct spec {
	bool left, zero;
	int width;
	unsigned bytes;
	char type;
};

struct out {
	char *buf;
	size_t size, used;
};

static void put(struct out *o, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (o->used + 1 < o->size)
			o->buf[o->used++] = text[i];
	}
}

static void put_padded(struct out *o, const struct spec *s, const char *text)
{
	size_t n = strlen(text);
	int pad = s->width - (int)n;
	char fill = s->zero && !s->left ? '0' : ' ';

	if (fill == '0' && *text == '-' && pad > 0) {
		put(o, text++, 1);
		n--;
	}
	for (; pad > 0 && !s->left; pad--)
		put(o, &fill, 1);
	put(o, text, n);
	for (; pad > 0; pad--)
		put(o, " ", 1);
}

/* The part behind the '%'; NULL: not one that the kernel takes. */
static const char *read_spec(const char *fmt, struct spec *s)
{
	*s = (struct spec){ .bytes = 4 };
	for (;; fmt++) {
		if (*fmt == '-')
			s->left = true;
		else if (*fmt == '0')
			s->zero = true;
		else if (*fmt != '+' && *fmt != ' ' && *fmt != '#')
			break;
	}
	while (*fmt >= '0' && *fmt <= '9' && s->width < 1000)
		s->width = s->width * 10 + (*fmt++ - '0');
	for (; *fmt == 'l' || *fmt == 'h' || *fmt == 'z'; fmt++)
		s->bytes = *fmt == 'h' ? s->bytes / 2 : 8;
	s->type = *fmt;
	return *fmt && strchr("diuxXpscK", *fmt) ? fmt + 1 : NULL;
}

static void put_word(struct out *o, const struct spec *s, uint64_t word)
{
	unsigned shift = s->bytes ? 64 - 8 * s->bytes : 56;
	char text[32] = "";

	switch (s->type) {
	case 'd':
	case 'i':
		(void)snprintf(text, sizeof(text), "%lld",
			       (long long)((int64_t)(word << shift) >> shift));
		break;
	case 'u':
		(void)snprintf(text, sizeof(text), "%llu",
			       (unsigned long long)(word << shift >> shift));
		break;
	case 'x':
		(void)snprintf(text, sizeof(text), "%llx",
			       (unsigned long long)(word << shift >> shift));
		break;
	case 'X':
		(void)snprintf(text, sizeof(text), "%llX",
			       (unsigned long long)(word << shift >> shift));
		break;
	case 'c':
		text[0] = (char)word;
		break;
	default: /* a pointer */
		(void)snprintf(text, sizeof(text), "%016llx", (unsigned long long)word);
		break;
	}
	put_padded(o, s, text);
}

int scxm_text(char *buf, size_t size, const char *fmt, const uint64_t *data, uint32_t nr)
{
	struct out o = { buf, size, 0 };
	uint32_t used = 0;

	while (*fmt) {
		struct spec s;
		size_t n = strcspn(fmt, "%");

		put(&o, fmt, n);
		fmt += n;
		if (!*fmt)
			break;
		if (fmt[1] == '%') {
			put(&o, "%", 1);
			fmt += 2;
			continue;
		}
		fmt = read_spec(fmt + 1, &s);
		if (!fmt || used >= nr)
			return -EINVAL;
		if (s.type == 's') {
			const char *text = (const char *)(uintptr_t)data[used++];

			put_padded(&o, &s, (uintptr_t)text < 4096 ? "" : text);
		} else {
			put_word(&o, &s, data[used++]);
		}
	}
	if (size)
		buf[o.used] = '\0';
	return (int)o.used;
}
