# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
"""The guest's files: busybox, init, and what the caller shares, as one cpio archive.

Written directly in the kernel's "newc" format and not compressed: copying is faster than unpacking
on an emulated CPU, and no root is needed for owners or devices. The archive depends on the files
alone (order, times, owners and inode numbers are fixed), as a deterministic machine needs.
"""

import os
import pathlib
import re
import shutil
import stat
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
DIRECTORIES = ("box", "dev", "etc", "proc", "root", "run", "sys", "tmp", "usr", "usr/bin",
               "usr/lib", "usr/lib64", "usr/sbin", "var", "var/tmp")
MERGED = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
LIBRARY_DIRS = re.compile(r"^/usr/lib(64|/x86_64-linux-gnu)?$")


class ShareError(Exception):
    """Something that cannot be put into the guest; the text is one sentence."""


def _busybox():
    for name in ("/bin/busybox", "/usr/bin/busybox", "/usr/bin/busybox.static",
                 shutil.which("busybox") or ""):
        if name and os.path.exists(name):
            with open(name, "rb") as program:
                head = program.read(4096)
            # A program with an interpreter (segment type 3) is linked dynamically.
            if b"/ld-linux" not in head:
                return name
    raise ShareError("a statically linked busybox is missing: install busybox-static (Debian, "
                     "Ubuntu) or busybox (Fedora, Arch)")


def guest_path(path):
    """An absolute path with the links that every guest has (/bin and so on) followed."""
    parts = os.path.abspath(path).lstrip("/").split("/")
    return "/".join([MERGED.get(parts[0], parts[0])] + parts[1:])


class Initramfs:
    def __init__(self):
        self.files = {}  # guest path without the leading slash: (mode, host path or bytes)
        self.library_dirs = set()
        self.applets = set()
        for name in DIRECTORIES:
            self.files[name] = (stat.S_IFDIR | 0o755, b"")
        self.files["tmp"] = self.files["var/tmp"] = (stat.S_IFDIR | 0o1777, b"")
        for name, target in MERGED.items():
            self._link(name, target)
        self.add("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
                 "nobody:x:65534:65534:nobody:/:/bin/false\n")
        self.add("etc/group", "root:x:0:\nnogroup:x:65534:\n")
        self.add("etc/hosts", "127.0.0.1 localhost guest\n::1 localhost\n")
        self.add("init", (HERE / "init").read_text(), 0o755)
        busybox = _busybox()
        self._add_file("usr/bin/busybox", busybox)
        listed = subprocess.run([busybox, "--list"], stdout=subprocess.PIPE, text=True, check=True)
        self.applets = set(listed.stdout.split()) - {"busybox"}
        for applet in self.applets:
            self._link("usr/bin/" + applet, "busybox")

    def _link(self, path, target):
        self.files[path] = (stat.S_IFLNK | 0o777, target.encode())

    def add(self, path, text, mode=0o644):
        """A file with this text."""
        self._parents(path)
        self.files[path] = (stat.S_IFREG | mode, text.encode())

    def _parents(self, path):
        parent = os.path.dirname(path)
        while parent and parent not in self.files:
            self.files[parent] = (stat.S_IFDIR | 0o755, b"")
            parent = os.path.dirname(parent)

    def _add_file(self, path, host):
        self._parents(path)
        mode = os.stat(host).st_mode
        self.files[path] = (stat.S_IFREG | stat.S_IMODE(mode), pathlib.Path(host))

    def _place(self, path, host):
        """A file under its own path, and under its real path if links lead there."""
        real = guest_path(os.path.realpath(host))
        self._add_file(real, host)
        if path != real:
            self._parents(path)
            self._link(path, "/" + real)

    def _libraries(self, host):
        """Copies the shared objects that a program or library asks for."""
        with open(host, "rb") as program:
            if program.read(4) != b"\x7fELF":
                return
        done = subprocess.run(["ldd", str(host)], stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.DEVNULL, check=False)
        for line in done.stdout.splitlines():
            if "=> not found" in line:
                raise ShareError("%s needs the library %s, which this machine lacks"
                                 % (host, line.split()[0]))
            match = re.search(r"(?:=> )?(/\S+) \(0x", line)
            if match:
                library = match.group(1)
                self._place(guest_path(library), library)
                directory = os.path.dirname("/" + guest_path(library))
                if not LIBRARY_DIRS.match(directory):
                    self.library_dirs.add(directory)

    def share(self, path):
        """A file or a folder of the host, at the same absolute path and as /box/NAME."""
        host = os.path.abspath(path)
        if not os.path.exists(host):
            raise ShareError("%s does not exist, so that it cannot be shared with the guest" % path)
        target = guest_path(host)
        if target.split("/")[0] in ("dev", "proc", "sys"):
            raise ShareError("%s is the host's kernel speaking: it cannot be shared" % path)
        self._parents(target + "/x" if os.path.isdir(host) else target)
        if os.path.isdir(host):
            self._share_folder(host)
        else:
            self._share_file(host)
        if os.path.basename(host):
            self._link("box/" + os.path.basename(host), "/" + target)
        return "/" + target

    def _share_file(self, host):
        if not os.access(host, os.R_OK):
            raise ShareError("%s may not be read by you" % host)
        self._place(guest_path(host), host)
        if os.access(host, os.X_OK) or ".so" in os.path.basename(host):
            self._libraries(host)

    def _share_folder(self, host):
        for folder, _, names in os.walk(host, followlinks=False):
            self._parents(guest_path(folder) + "/x")
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path):  # no sockets, no dangling links
                    self._share_file(path)

    def program(self, word):
        """Shares the program that a command starts with, unless the guest has it."""
        if "/" in word:
            if os.path.isfile(word):
                self.share(word)
        elif word not in self.applets and "box/" + word not in self.files:
            found = shutil.which(word)
            if found:
                self.share(found)

    def command(self, words, directory, stdin=False):
        """What init runs: one word is a shell's line, several are a program and its arguments."""
        self._parents(guest_path(directory) + "/x")
        quoted = ["'%s'" % word.replace("'", "'\\''") for word in words]
        lines = ["cd '%s'" % ("/" + guest_path(directory)).replace("'", "'\\''")]
        if self.library_dirs:
            lines.append("export LD_LIBRARY_PATH='%s'" % ":".join(sorted(self.library_dirs)))
        lines.append("exec sh -c " + quoted[0] if len(words) == 1 else "exec " + " ".join(quoted))
        if not stdin:
            lines[-1] += " </dev/null"
        self.add("etc/command", "\n".join(lines) + "\n")

    def size(self):
        return sum(os.path.getsize(data) if isinstance(data, pathlib.Path) else len(data)
                   for _, data in self.files.values())

    def write(self, target):
        with open(target, "wb") as out:
            for inode, path in enumerate(sorted(self.files), 1):
                mode, data = self.files[path]
                if isinstance(data, pathlib.Path):
                    with open(data, "rb") as source:
                        size = os.fstat(source.fileno()).st_size
                        self._header(out, path, inode, mode, size)
                        shutil.copyfileobj(source, out, 1 << 20)
                else:
                    size = len(data)
                    self._header(out, path, inode, mode, size)
                    out.write(data)
                out.write(bytes(-size % 4))
            self._header(out, "TRAILER!!!", 0, 0, 0)

    @staticmethod
    def _header(out, path, inode, mode, size):
        name = path.encode() + b"\0"
        fields = (inode, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, len(name), 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields) + name
        out.write(header + bytes(-len(header) % 4))
