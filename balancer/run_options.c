/* SPDX-License-Identifier: GPL-2.0-only */
/* Copyright the libscx authors */
/*
 * The command line of scx-run. Each wrong word gets a sentence that names it and the remedy.
 */
#include "run.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

#define TIMEOUT_MS_MAX 30000	   /* SCX_WATCHDOG_MAX_TIMEOUT of the kernel, as scx.h says */
#define DUMP_BYTES_MAX (16U << 20) /* far more than any dump */
#define STATS_SECONDS_MIN 0.01	   /* below, there would be nothing but output */
#define STATS_SECONDS_MAX 86400.0

enum {
	OPTION_RESTART = 256,
	OPTION_DUMP_BYTES,
};

static const char help[] =
	"usage: scx-run [OPTION...] SCHEDULER [-- COMMAND [ARGUMENT...]]\n"
	"       scx-run --list [SCHEDULER]\n"
	"\n"
	"Lets the kernel schedule with SCHEDULER until SIGINT or SIGTERM comes, or as long as COMMAND\n"
	"runs; then detaches it and reports. SCHEDULER is built in (--list), or the path of any\n"
	"sched_ext object file: with a '/' in it, or ending in \".o\".\n"
	"\n"
	"The scheduler:\n"
	"  -s, --set TUNABLE=VALUE  choose a value; --list SCHEDULER shows what there is to choose\n"
	"  -p, --partial            schedule only threads that ask for it (policy SCHED_EXT): COMMAND\n"
	"                           and its children do\n"
	"  -t, --timeout MS         throw the scheduler out when a task waits this long, 1 to 30000\n"
	"                           (default: what the scheduler says, or 30000)\n"
	"      --restart WHEN       attach it again when it was ended: \"asked\", when the kernel asks for\n"
	"                           it because a CPU came or went (default); \"never\"; or \"errors\", also\n"
	"                           after an error or a stall\n"
	"      --dump-bytes N       room for the kernel's dump after an error (default: what the\n"
	"                           scheduler says, or 32768)\n"
	"\n"
	"What it tells:\n"
	"  -l, --list               list the built-in schedulers; with SCHEDULER its tunables, with\n"
	"                           --set applied, and attach nothing\n"
	"  -S, --stats SECONDS      print what the scheduler and the kernel counted, this often; to\n"
	"                           standard output, or beside a COMMAND to standard error\n"
	"  -v, --verbose            also say what is done, and counters at the end\n"
	"  -h, --help               print this\n"
	"  -V, --version            print the version\n"
	"\n"
	"With COMMAND the keyboard's signals are the command's; SIGTERM and SIGINT that are sent to\n"
	"scx-run are passed on to it once, and detach at the second time. A COMMAND that ends well is\n"
	"not reported about. If the scheduler ends first, COMMAND goes on under the kernel's own.\n"
	"\n"
	"Exit status: 0 detached as asked, or COMMAND's own (128 + N: killed by signal N; 126, 127: it\n"
	"cannot be run, is not found). 110 something else went wrong, 111 wrong arguments, 112 not\n"
	"attached (the sentence says why), 113 ended by someone else, 114 ended for an error,\n"
	"115 ended by the watchdog.\n"
	"\n"
	"  scx-run simple --set order=fifo\n"
	"  scx-run ./my.bpf.o --stats 1 -- make check\n";

static const struct option options[] = {
	{ "set", required_argument, NULL, 's' },
	{ "partial", no_argument, NULL, 'p' },
	{ "timeout", required_argument, NULL, 't' },
	{ "restart", required_argument, NULL, OPTION_RESTART },
	{ "dump-bytes", required_argument, NULL, OPTION_DUMP_BYTES },
	{ "list", no_argument, NULL, 'l' },
	{ "stats", required_argument, NULL, 'S' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int take_setting(struct run_options *o, char *setting)
{
	const char *equals = strchr(setting, '=');

	if (!equals || equals == setting) {
		run_say("--set %s: it must be TUNABLE=VALUE, such as slice_us=5000", setting);
		return REPORT_USAGE;
	}
	o->settings[o->nr_settings++] = setting;
	return -1;
}

static int take_unsigned(const char *option, const char *text, const char *unit, unsigned max,
			 unsigned *ret)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	/* strtoul() itself would take blanks and signs. */
	if (text[0] < '0' || text[0] > '9' || *end || errno || value < 1 || value > max) {
		run_say("%s %s: it must be %s, from 1 to %u", option, text, unit, max);
		return REPORT_USAGE;
	}
	*ret = (unsigned)value;
	return -1;
}

static int take_seconds(const char *text, uint64_t *ret_ns)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !isfinite(seconds) || seconds < STATS_SECONDS_MIN ||
	    seconds > STATS_SECONDS_MAX) {
		run_say("--stats %s: it must be seconds, from %g to %g", text, STATS_SECONDS_MIN,
			STATS_SECONDS_MAX);
		return REPORT_USAGE;
	}
	*ret_ns = (uint64_t)(seconds * 1e9);
	return -1;
}

static int take_restart(const char *text, unsigned *ret)
{
	static const char *const words[] = {
		[SCX_RESTART_ASKED] = "asked",
		[SCX_RESTART_NEVER] = "never",
		[SCX_RESTART_ERRORS] = "errors",
	};

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(text, words[i]) == 0) {
			*ret = i;
			return -1;
		}
	run_say("--restart %s: it must be asked, never or errors", text);
	return REPORT_USAGE;
}

static bool is_known(int option)
{
	for (const struct option *o = options; o->name; o++)
		if (o->val == option)
			return true;
	return false;
}

/* @word is the last that getopt looked at; of letters like "-xv" it is the one before. */
static int refuse_option(int option, const char *word)
{
	char letter[] = { '-', (char)optopt, '\0' };

	if (optopt && !is_known(optopt))
		word = letter;
	run_say("%s: %s; scx-run --help lists the options", word,
		option == ':'	   ? "a value must follow"
		: is_known(optopt) ? "this option has no value"
				   : "there is no such option");
	return REPORT_USAGE;
}

static int take_option(struct run_options *o, int option, const char *word)
{
	switch (option) {
	case 's':
		return take_setting(o, optarg);
	case 'p':
		o->partial = true;
		return -1;
	case 't':
		return take_unsigned("--timeout", optarg, "milliseconds", TIMEOUT_MS_MAX,
				     &o->timeout_ms);
	case OPTION_RESTART:
		return take_restart(optarg, &o->restart);
	case OPTION_DUMP_BYTES:
		return take_unsigned("--dump-bytes", optarg, "bytes", DUMP_BYTES_MAX,
				     &o->dump_bytes);
	case 'l':
		o->list = true;
		return -1;
	case 'S':
		return take_seconds(optarg, &o->stats_ns);
	case 'v':
		o->verbose = true;
		return -1;
	case 'h':
		(void)fputs(help, stdout);
		return REPORT_DETACHED;
	case 'V':
		(void)printf("scx-run (libscx) %s\n", scx_version());
		return REPORT_DETACHED;
	default:
		return refuse_option(option, word);
	}
}

/* The words that are no options. */
static int take_scheduler(struct run_options *o, int nr, char **words)
{
	if (nr > 1) {
		run_say("%s: the scheduler is %s already; a command goes behind \"--\"", words[1],
			words[0]);
		return REPORT_USAGE;
	}
	if (nr == 1 && !words[0][0]) {
		run_say("the scheduler's name is empty; scx-run --list shows the names");
		return REPORT_USAGE;
	}
	if (nr == 0 && !o->list) {
		run_say("which scheduler? scx-run --list shows those that are built in, scx-run --help the rest");
		return REPORT_USAGE;
	}
	if (nr == 0 && o->nr_settings) {
		run_say("--set %s: of which scheduler?", o->settings[0]);
		return REPORT_USAGE;
	}
	if (o->list && o->command) {
		run_say("--list attaches nothing, so there is nothing to run %s under; leave out one",
			o->command[0]);
		return REPORT_USAGE;
	}
	o->scheduler = nr ? words[0] : NULL;
	return -1;
}

int run_options_parse(struct run_options *ret, int argc, char **argv)
{
	int option, status = -1, nr = 1;

	*ret = (struct run_options){ .settings = calloc((size_t)argc, sizeof(char *)) };
	if (!ret->settings) {
		run_say("out of memory");
		return REPORT_FAILED;
	}
	/* What follows "--" is the command's own; getopt would mix it with the scheduler. */
	while (nr < argc && strcmp(argv[nr], "--") != 0)
		nr++;
	if (nr < argc) {
		ret->command = argv + nr + 1;
		argv[nr] = NULL;
		if (!ret->command[0]) {
			run_say("behind \"--\" there is no command");
			return REPORT_USAGE;
		}
	}
	opterr = 0;
	while (status < 0 && (option = getopt_long(nr, argv, ":s:pt:lS:vhV", options, NULL)) != -1)
		status = take_option(ret, option, argv[optind - 1]);
	return status < 0 ? take_scheduler(ret, nr - optind, argv + optind) : status;
}

void run_options_free(struct run_options *o)
{
	free(o->settings);
	o->settings = NULL;
}
