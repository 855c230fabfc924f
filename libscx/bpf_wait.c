/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Descriptors and sleep in the running kernel: one epoll, in it a timer, the ring buffer that a
 * scheduler of ours fills at its end, and the link, which hangs up when somebody else detaches it.
 */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "backend_bpf.h"

#define SECOND 1000000000ULL

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / SECOND), .tv_nsec = (long)(ns % SECOND) };
}

uint64_t scxi_bpf_now(const struct scx_backend *backend)
{
	struct timespec t;

	(void)backend;
	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* this clock always exists */
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

int scxi_bpf_wait_open(struct scxi_bpf *b)
{
	struct epoll_event event = { .events = EPOLLIN };

	b->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (b->timer < 0)
		return -errno;
	b->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (b->epoll < 0)
		return -errno;
	return epoll_ctl(b->epoll, EPOLL_CTL_ADD, b->timer, &event) ? -errno : 0;
}

void scxi_bpf_watch(struct scxi_bpf *b, int fd, bool on)
{
	struct epoll_event event = { .events = EPOLLIN };

	/* What cannot be watched (links before 6.11) only wakes us later. */
	(void)epoll_ctl(b->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fd, &event);
}

int scxi_bpf_fd(struct scxi_session *session)
{
	return scxi_bpf_of(session)->epoll;
}

int scxi_bpf_alarm(struct scxi_session *session, uint64_t at_ns)
{
	struct itimerspec at = { .it_value = timespec_of(at_ns) };

	return timerfd_settime(scxi_bpf_of(session)->timer, TFD_TIMER_ABSTIME, &at, NULL) ? -errno
											  : 0;
}

int scxi_bpf_wait(struct scxi_session *session, int extra_fd, uint64_t deadline_ns)
{
	struct pollfd fds[2] = { { .fd = scxi_bpf_of(session)->epoll, .events = POLLIN },
				 { .fd = extra_fd, .events = POLLIN } };
	uint64_t now_ns = deadline_ns == UINT64_MAX ? 0 : scxi_bpf_now(NULL);
	struct timespec left = timespec_of(deadline_ns > now_ns ? deadline_ns - now_ns : 0);

	/* poll() passes over a negative descriptor. */
	if (ppoll(fds, 2, deadline_ns == UINT64_MAX ? NULL : &left, NULL) < 0)
		return -errno;
	if (fds[1].revents & POLLNVAL)
		return -EBADF;
	return fds[1].revents ? SCXI_WAIT_FD : 0;
}
