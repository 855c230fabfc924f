# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
"""One boot: starts QEMU, passes output through as it comes, watches the kernel, gives a verdict.

Four lines lead out of the guest: the command's output, its errors, the kernel's log, and a control
line on which init says "boot" and "exit STATUS". A boot ends in one of four ways (Verdict.kind):
the command ended, time ran out, the kernel died, or the machine could not be started.
"""

import collections
import ctypes
import os
import re
import selectors
import signal
import socket
import subprocess
import tempfile
import threading
import time

import machine

STATUS_TIMEOUT = 124
STATUS_KERNEL = 123  # the kernel crashed, or never came up
STATUS_USAGE = 125  # nothing was run
BOOT_SECONDS = 120
POWEROFF_SECONDS = 20
TAIL_LINES = 40

DEATH = re.compile(r"Kernel panic - not syncing|\bOops: |\bOops:|BUG: unable to handle|kernel BUG at"
                   r"|general protection fault, |invalid opcode: |divide error: |stack segment: ")
WARNING = re.compile(r"WARNING: |BUG: (soft|workqueue) lockup|self-detected stall|INFO: task .* "
                     r"blocked|detected stalls|possible (recursive|circular) locking|"
                     r"BUG: sleeping function|BUG: scheduling while atomic")


class Verdict:
    def __init__(self, kind, status, problem=""):
        self.kind = kind  # "exit", "timeout", "crash", "start"
        self.status = status
        self.problem = problem


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Lines:
    """Cuts a stream into lines."""

    def __init__(self, handle):
        self.handle = handle
        self.rest = b""

    def feed(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.handle(line.decode("utf-8", "replace").rstrip("\r"))


class Guest:
    """A machine that boots once. The callbacks get bytes (out, err) and lines (log)."""

    def __init__(self, topology, kernel, initramfs, *, timeout=300, deterministic=False, append="",
                 extra=(), out=lambda data: None, err=lambda data: None, log=lambda line: None,
                 stdin=None):
        self.topology, self.kernel, self.initramfs = topology, kernel, initramfs
        self.timeout, self.deterministic = timeout, deterministic
        self.append, self.extra = append, extra
        self.handlers = {"out": out, "err": err, "control": Lines(self._control).feed,
                         "log": Lines(self._log_line).feed}
        self.log = log
        self.stdin = stdin
        self.tail = collections.deque(maxlen=TAIL_LINES)
        self.warnings = []
        self.booted = threading.Event()
        self.status = None
        self.death = ""
        self.begin = 0.0
        self.forced = None  # when the boot ends, whatever else happens
        self.process = None
        self.ours = {}

    def _control(self, line):
        if line == "boot":
            self.booted.set()
        elif line.startswith("exit "):
            self.status = int(line.split()[1])
            self.forced = time.monotonic() + POWEROFF_SECONDS

    def _log_line(self, line):
        self.tail.append(line)
        self.log(line)
        text = re.sub(r"^\[[ 0-9.]+\] *", "", line)
        if DEATH.search(text) and not self.death:
            self.death = text
            # oops=panic and panic=-1 end the machine at once; a wreck that cannot is ended here.
            self.forced = time.monotonic() + POWEROFF_SECONDS
        elif WARNING.search(text):
            self.warnings.append(text)

    def end_within(self, seconds):
        """Ends the boot then, with "timeout" for a verdict; None: at its own time again."""
        if not self.death:
            self.forced = None if seconds is None else time.monotonic() + seconds

    def _type(self):
        """Passes standard input on, as lines to a terminal; two ^D end it, wherever a line stands."""
        self.booted.wait()
        try:
            while data := os.read(self.stdin, 1024):
                self.ours["out"].sendall(data)
            self.ours["out"].sendall(b"\x04\x04")
        except OSError:
            pass  # the guest has gone, and with it whoever would read

    def run(self):
        """Boots, runs the command, returns the Verdict."""
        if self.initramfs.size() > self.topology.memory_mb * (1 << 20) * 2 // 5:
            return Verdict("start", STATUS_USAGE, "what is shared (%d MiB) does not fit into the "
                           "guest: give --memory %dM"
                           % (self.initramfs.size() >> 20, (self.initramfs.size() >> 20) * 4))
        with tempfile.TemporaryDirectory(prefix="libscx-vm-") as work:
            initrd = os.path.join(work, "initrd")
            self.initramfs.write(initrd)
            pairs = {name: socket.socketpair() for name in self.handlers}
            self.ours = {name: pair[0] for name, pair in pairs.items()}
            theirs = {name: pair[1] for name, pair in pairs.items()}
            try:
                return self._run(initrd, theirs)
            finally:
                for end in list(self.ours.values()) + list(theirs.values()):
                    end.close()

    def _run(self, initrd, theirs):
        channels = [theirs[name].fileno() for name in ("out", "err", "control", "log")]
        arguments = machine.command(self.topology, self.kernel, initrd, channels=channels,
                                    deterministic=self.deterministic, append=self.append,
                                    extra=self.extra)
        with tempfile.TemporaryFile() as complaints:
            self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=complaints,
                                            stderr=complaints, pass_fds=channels,
                                            start_new_session=True, preexec_fn=_die_with_parent)
            try:
                for end in theirs.values():
                    end.close()
                if self.stdin is not None:
                    # A thread, since a file is always ready and the guest is not.
                    threading.Thread(target=self._type, daemon=True).start()
                return self._verdict(self._watch(), complaints)
            finally:
                self.process.kill()
                self.process.wait()

    def _time_left(self):
        end = self.forced
        if end is None:
            # Many CPUs come up slowly on one emulating thread.
            boot_seconds = min(self.timeout, BOOT_SECONDS + 2 * self.topology.cpus)
            end = self.begin + (self.timeout if self.booted.is_set() else boot_seconds)
        return end - time.monotonic()

    def _watch(self):
        """Passes everything on until QEMU is gone or time is up; returns whether QEMU is gone."""
        self.begin = time.monotonic()
        with selectors.DefaultSelector() as selector:
            for name, end in self.ours.items():
                selector.register(end, selectors.EVENT_READ, self.handlers[name])
            while selector.get_map():
                left = self._time_left()
                if left <= 0:
                    return False
                for key, _ in selector.select(left):
                    try:
                        data = key.fileobj.recv(1 << 16)
                    except ConnectionError:
                        data = b""
                    if data:
                        key.data(data)
                    else:
                        selector.unregister(key.fileobj)
        try:
            self.process.wait(POWEROFF_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _verdict(self, gone, complaints):
        if self.death:
            return Verdict("crash", STATUS_KERNEL, "the kernel crashed: " + self.death)
        if self.status is not None:
            return Verdict("exit", self.status)
        if not gone:
            if self.booted.is_set():
                return Verdict("timeout", STATUS_TIMEOUT, "time ran out after %g s" % self.timeout)
            return Verdict("crash", STATUS_KERNEL, "the kernel hung while it booted")
        complaints.seek(0)
        said = complaints.read().decode("utf-8", "replace").strip()
        if self.process.returncode and said:
            return Verdict("start", STATUS_USAGE, "QEMU refused: " + said.splitlines()[-1])
        return Verdict("crash", STATUS_KERNEL, "the machine stopped before the command ended"
                       + (" (QEMU says: %s)" % said.splitlines()[-1] if said else ""))
