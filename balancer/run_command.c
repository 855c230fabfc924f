/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * The command that runs while the scheduler is attached.
 *
 * Between fork and exec the child holds copies of the scheduler's descriptors, and uses none of them; the
 * exec closes them. Its signals are as scx-run found them.
 */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <scx/task.h>

/* What shells and env(1) exit with. */
#define STATUS_CANNOT_RUN 126
#define STATUS_NOT_FOUND 127
#define STATUS_SIGNAL 128

/* Waits until the parent closes its end of @gate. */
static void be_the_command(const sigset_t *mask, int gate, char **command)
{
	char nothing;

	(void)read(gate, &nothing, 1);		    /* the end of the file is the sign */
	(void)sigprocmask(SIG_SETMASK, mask, NULL); /* cannot fail with these arguments */
	(void)execvp(command[0], command);
	run_say("%s: %s", command[0],
		errno == ENOENT ? "there is no such program" : strerror(errno));
	_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN);
}

/* The child begins when it is a thread of the scheduler's, and not before. */
static int let_in(const struct run_command *command, struct scx *scx, const struct run_options *o)
{
	int err = o->partial ? scx_task_join(scx, command->pid, 0) : 0;

	if (err < 0) {
		run_say("%s: it cannot join the scheduler: %s", o->command[0], scx_errmsg(scx));
		(void)kill(command->pid, SIGKILL);
		(void)waitpid(command->pid, NULL, 0);
		return err;
	}
	if (o->verbose)
		run_say("%s runs as process %d", o->command[0], (int)command->pid);
	return 0;
}

int run_command_start(struct run_command *command, struct scx *scx, const struct run_options *o)
{
	int gate[2], err = pipe2(gate, O_CLOEXEC) ? -errno : 0;

	if (!err) {
		command->pid = fork();
		if (command->pid == 0) {
			(void)close(gate[1]);
			be_the_command(&command->mask, gate[0], o->command);
		}
		err = command->pid < 0 ? -errno : 0;
		(void)close(gate[0]);
		if (!err && let_in(command, scx, o)) {
			command->pid = 0;
			(void)close(gate[1]);
			return -ECANCELED;
		}
		(void)close(gate[1]);
	}
	if (err) {
		run_say("%s: no process can be made for it: %s", o->command[0], strerror(-err));
		command->pid = 0;
	}
	return err;
}

bool run_command_ended(struct run_command *command)
{
	int status;

	if (!command->pid || waitpid(command->pid, &status, WNOHANG) != command->pid)
		return false;
	command->pid = 0;
	command->status =
		WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
	return true;
}
