# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
"""The emulated machine: a topology as people say it, turned into QEMU's arguments.

QEMU gives each socket one L3 cache, so a socket stands for a CCX: the CPUs that share one L3.
Emulation (TCG) runs all CPUs on one thread, always: with one thread a CPU, code patching in the
guest meets CPUs that execute the very bytes, and the kernel dies with "Oops: int3" in about one
boot of four while a scheduler is enabled or disabled.
"""

import dataclasses
import re
import shutil

CPUS_MAX = 255  # more needs an interrupt remapper, which TCG lacks before QEMU 9
NODES_MAX = 64
QEMU = "qemu-system-x86_64"


class MachineError(Exception):
    """A machine that cannot be; the text is one sentence with the remedy."""


@dataclasses.dataclass
class Topology:
    cpus: int = 4
    llcs: int = 0  # 0: as many as nodes
    nodes: int = 1
    smt: int = 1
    memory_mb: int = 2048

    def __post_init__(self):
        self.llcs = self.llcs or self.nodes

    def check(self):
        for name, value, most in (("--cpus", self.cpus, CPUS_MAX), ("--llcs", self.llcs, CPUS_MAX),
                                  ("--nodes", self.nodes, NODES_MAX), ("--smt", self.smt, 2)):
            if not 1 <= value <= most:
                raise MachineError("%s %d is out of range: choose from 1 to %d"
                                   % (name, value, most))
        if self.llcs % self.nodes:
            raise MachineError("%d LLCs cannot be shared out evenly over %d NUMA nodes: choose a "
                               "multiple of %d for --llcs" % (self.llcs, self.nodes, self.nodes))
        if self.cpus % (self.llcs * self.smt):
            raise MachineError("%d CPUs cannot be shared out evenly over %d LLCs with %d threads a "
                               "core: choose a multiple of %d for --cpus"
                               % (self.cpus, self.llcs, self.smt, self.llcs * self.smt))
        if self.memory_mb < 256 * self.nodes:
            raise MachineError("%d MiB of memory are too few: give --memory at least %dM (256 MiB "
                               "a node)" % (self.memory_mb, 256 * self.nodes))

    def _numa(self):
        """Nodes in a ring: 10 within a node, 21 to its neighbours and 10 more with each hop."""
        args = []
        cpus, memory = self.cpus // self.nodes, self.memory_mb // self.nodes
        for node in range(self.nodes):
            size = memory + (self.memory_mb - memory * self.nodes if node == 0 else 0)
            args += ["-object", "memory-backend-ram,id=mem%d,size=%dM" % (node, size),
                     "-numa", "node,nodeid=%d,memdev=mem%d,cpus=%d-%d"
                     % (node, node, node * cpus, (node + 1) * cpus - 1)]
        for src in range(self.nodes):
            for dst in range(src + 1, self.nodes):
                hops = min(dst - src, self.nodes - (dst - src))
                args += ["-numa", "dist,src=%d,dst=%d,val=%d" % (src, dst, 11 + 10 * hops)]
        return args

    def arguments(self):
        self.check()
        cores = self.cpus // (self.llcs * self.smt)
        args = ["-smp", "%d,sockets=%d,cores=%d,threads=%d"
                % (self.cpus, self.llcs, cores, self.smt), "-m", "%dM" % self.memory_mb]
        return args + (self._numa() if self.nodes > 1 else [])


def memory_mb(text):
    """2G, 512M or a number of MiB."""
    match = re.fullmatch(r"(\d+)([MmGg]?)(i?[Bb])?", text)
    if not match:
        raise MachineError("--memory '%s' is no size: write it as 2G or 1536M" % text)
    return int(match.group(1)) * (1024 if match.group(2) in ("G", "g") else 1)


def command(topology, kernel, initrd, *, deterministic=False, append="", channels=(), extra=()):
    """QEMU's command line. channels: descriptors of stdout, stderr, control and kernel log."""
    if not shutil.which(QEMU):
        raise MachineError("%s is missing: install qemu-system-x86 (Debian, Ubuntu), "
                           "qemu-system-x86-core (Fedora) or qemu-system-x86 (Arch)" % QEMU)
    accel = ["-accel", "tcg,thread=single", "-cpu", "max"]
    loglevel = 7
    if deterministic:
        # Guest time counts instructions, and nothing that the guest can read differs from one boot
        # to the next. A message on the console costs instructions too, so that few are wanted.
        accel = ["-accel", "tcg,thread=single", "-cpu", "max,-rdrand,-rdseed", "-icount",
                 "shift=0,sleep=off,align=off", "-rtc", "base=2026-01-01T00:00:00,clock=vm",
                 "-seed", "1"]
        loglevel = 3
    out, err, control, log = channels
    # ioeventfd=off: output is taken by the emulating thread itself, at the same instruction always.
    devices = ["-device", "virtio-serial-pci,ioeventfd=off,max_ports=4"]
    for name, fd, device in (("out", out, "virtconsole,chardev=out,nr=0"),
                             ("err", err, "virtconsole,chardev=err,nr=1"),
                             ("log", log, None), ("control", control, None)):
        devices += ["-chardev", "socket,id=%s,fd=%d" % (name, fd)]
        devices += ["-device", device] if device else ["-serial", "chardev:" + name]
    cmdline = ("console=ttyS0,115200 loglevel=%d oops=panic panic=-1 nokaslr mitigations=off %s"
               % (loglevel, append))
    return ([QEMU, "-name", "libscx", "-nodefaults", "-no-user-config", "-nographic", "-no-reboot",
             "-nic", "none", "-monitor", "none"] + accel + topology.arguments() + devices
            + ["-kernel", str(kernel), "-initrd", str(initrd), "-append", cmdline.strip()]
            + list(extra))
