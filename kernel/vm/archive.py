# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
"""Kernels from Debian's archive, by series, in a cache of ours.

Nothing is installed and the machine's apt configuration is never written: apt runs with its own
lists, cache and (empty) package status below the cache directory, and with the machine's own
Acquire settings (proxies and the like) and credentials. Authentication is apt's: a Release file
that the Debian keyring did not sign is refused, and so is a package whose hash differs.

Invariants: whatever is visible under SERIES/VERSION is complete (it is renamed into place), and
`current` points at one such directory. One process fetches at a time; readers take no lock.
"""

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import time

SUITES = ("trixie-backports", "sid")
KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.gpg",
            "/usr/share/keyrings/debian-archive-keyring.pgp")
FRESH_SECONDS = 24 * 3600
KEEP_SECONDS = 7 * 24 * 3600

# Suites that only Debian's main archive has; security has another tree, without backports.
DEBIAN_SUITE = re.compile(
    r"^(bullseye|bookworm|trixie|forky|duke|sid|unstable|testing|oldoldstable|oldstable|stable)"
    r"(-updates|-backports|-proposed-updates)?$")


class NoSuchSeries(Exception):
    """The archive answered, authenticated, and has no kernel of the series."""


class ArchiveError(Exception):
    """Anything else that kept a kernel from being fetched; the text is one sentence."""


def cache_dir():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(base) / "libscx" / "kernels"


def version_key(version):
    """7.3.12+deb13 after 7.3.4+deb13: every number is compared as one."""
    return [int(n) for n in re.findall(r"\d+", version)]


def choose(names, series):
    """The package and version of the newest cloud kernel of a series among package names.

    Up to 6.18 the image is in linux-image-VERSION; from 6.19 on in linux-binary-VERSION, and
    linux-image-VERSION is then a meta package.
    """
    pattern = re.compile(r"^linux-(?:binary|image)-(%s(?:\.\d+)*\+deb\d+)-cloud-amd64$"
                         % re.escape(series))
    versions = {m.group(1) for m in map(pattern.match, names) if m}
    if not versions:
        return None
    version = max(versions, key=version_key)
    for kind in ("binary", "image"):
        name = "linux-%s-%s-cloud-amd64" % (kind, version)
        if name in names:
            return name, version
    return None


def mirror():
    """The address of Debian's archive that this machine's apt already uses."""
    given = os.environ.get("LIBSCX_DEBIAN_MIRROR")
    if given:
        return given.rstrip("/")
    try:
        # An empty lists directory makes apt say what it would read; nothing is fetched.
        with tempfile.TemporaryDirectory(prefix="libscx-apt-") as lists:
            os.mkdir(lists + "/partial")
            out = subprocess.run(["apt-get", "-o", "Dir::State::lists=" + lists, "update",
                                  "--print-uris"], stdin=subprocess.DEVNULL, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except FileNotFoundError:
        raise ArchiveError("this machine has no apt: kernels are fetched from Debian's archive, on "
                           "Debian 12 or 13; elsewhere give a kernel's file with --kernel PATH"
                           ) from None
    for line in out.stdout.splitlines():
        match = re.match(r"'(.+)/dists/([^/]+)/(?:In)?Release'", line)
        if match and DEBIAN_SUITE.match(match.group(2)) and not line.startswith("'cdrom:"):
            return match.group(1)
    raise ArchiveError("apt on this machine lists no suite of Debian: say where Debian's archive "
                       "is with LIBSCX_DEBIAN_MIRROR=URL (and install debian-archive-keyring)")


class Apt:
    """apt with a private state for one suite."""

    def __init__(self, root, suite):
        self.root = root / suite
        self.suite = suite
        self.env = dict(os.environ, APT_CONFIG=str(self.root / "apt.conf"), LC_ALL="C")
        self.names_read = None

    def _configure(self):
        keyring = next((k for k in KEYRINGS if os.path.exists(k)), None)
        if not keyring:
            raise ArchiveError("Debian's signing keys are missing: install debian-archive-keyring")
        for sub in ("lists/partial", "cache/archives/partial", "sources"):
            (self.root / sub).mkdir(parents=True, exist_ok=True)
        (self.root / "status").touch()
        (self.root / "sources" / "debian.sources").write_text(
            "Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nArchitectures: amd64\n"
            "Signed-By: %s\n" % (mirror(), self.suite, keyring))
        # The machine's hooks (Post-Invoke), pins and index targets stay out; its proxies come in.
        acquire = subprocess.run(["apt-config", "dump", "Acquire"], stdout=subprocess.PIPE,
                                 text=True, check=True).stdout
        acquire = "\n".join(line for line in acquire.splitlines()
                            if "IndexTargets" not in line and "Allow" not in line)
        (self.root / "apt.conf").write_text(acquire + """
Dir::Etc::parts "/dev/null"; Dir::Etc::main "/dev/null";
Dir::Etc::sourcelist "/dev/null"; Dir::Etc::sourceparts "%(root)s/sources";
Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "/dev/null";
Dir::State "%(root)s"; Dir::State::lists "%(root)s/lists"; Dir::State::status "%(root)s/status";
Dir::Cache "%(root)s/cache";
APT::Architecture "amd64"; APT::Architectures { "amd64"; };
APT::Sandbox::User ""; APT::Update::Error-Mode "any"; APT::Get::AllowUnauthenticated "false";
Acquire::Languages "none"; Acquire::PDiffs "false"; Acquire::Retries "3";
Acquire::AllowInsecureRepositories "false"; Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
""" % {"root": self.root})

    def _run(self, command, cwd=None):
        done = subprocess.run(command, env=self.env, cwd=cwd, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            said = [line for line in done.stdout.splitlines() if line.startswith(("E:", "Err:"))]
            said += [line for line in done.stdout.splitlines() if line.startswith("W:")]
            detail = said[0] if said else "status %d" % done.returncode
            raise ArchiveError("Debian's archive (%s) could not be read: %s; check the network and "
                               "apt's proxy settings" % (self.suite, detail.rstrip(".")))
        return done.stdout

    def names(self):
        """Package names of the suite, read from the archive once an object."""
        if self.names_read is None:
            self._configure()
            self._run(["apt-get", "-q", "update"])
            self.names_read = set(self._run(["apt-cache", "pkgnames", "linux-"]).split())
            if not self.names_read:
                raise ArchiveError("Debian's archive (%s) lists no kernel package at all: the "
                                   "mirror seems incomplete" % self.suite)
        return self.names_read

    def version(self, package):
        """The version of a package that download() brings."""
        out = self._run(["apt-cache", "show", "--no-all-versions", package])
        return re.search(r"^Version: (\S+)$", out, re.M).group(1)

    def download(self, package, directory):
        self._run(["apt-get", "-q", "download", package], cwd=directory)
        return next(pathlib.Path(directory).glob("*.deb"))


def _unpack(bzimage, elf):
    """Writes the kernel inside a bzImage as an ELF file. Returns False where it is not compressed
    with zstd or the zstd program is missing."""
    image = bzimage.read_bytes()
    # The setup header of the x86 boot protocol: its magic, and where the compressed kernel is.
    if image[0x202:0x206] != b"HdrS" or not shutil.which("zstd"):
        return False
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (image[0x1f1] + 1) * 512 + offset
    # The last four bytes are the unpacked size, appended by the kernel's build.
    payload = image[start:start + length - 4]
    if payload[:4] != b"\x28\xb5\x2f\xfd":
        return False
    with open(elf, "wb") as out:
        done = subprocess.run(["zstd", "-dcq"], input=payload, stdout=out,
                              stderr=subprocess.DEVNULL, check=False)
    with open(elf, "rb") as written:
        good = done.returncode == 0 and written.read(4) == b"\x7fELF"
    return good


def image(directory):
    """The file to boot of a fetched kernel: the ELF file inside the bzImage where it can be had,
    since unpacking takes an emulated CPU more than a second at every boot."""
    elf = directory / "vmlinux"
    if elf.exists():
        return elf
    with tempfile.NamedTemporaryFile(prefix=".vmlinux-", dir=directory, delete=False) as new:
        new_elf = pathlib.Path(new.name)
    try:
        if not _unpack(directory / "vmlinuz", new_elf):
            return directory / "vmlinuz"
        new_elf.chmod(0o644)
        new_elf.replace(elf)
        return elf
    finally:
        new_elf.unlink(missing_ok=True)


def _extract(deb, directory):
    """Takes out of a package the image and the configuration, where it has them."""
    unpacked = directory / "unpacked"
    unpacked.mkdir()
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)],
                          stdout=subprocess.PIPE) as source:
        tar = subprocess.run(["tar", "-x", "-C", str(unpacked), "--wildcards", "--no-same-owner",
                              "*/vmlinuz*", "*/config*"], stdin=source.stdout,
                             stderr=subprocess.DEVNULL, check=False)
        source.stdout.close()
    # tar also fails for a pattern that matches nothing: what counts is what came out.
    if source.returncode:
        raise ArchiveError("%s is damaged (dpkg-deb %d, tar %d)"
                           % (deb.name, source.returncode, tar.returncode))
    for name in ("vmlinuz", "config"):
        found = next((p for p in unpacked.rglob(name + "*") if p.is_file()), None)
        if found:
            found.rename(directory / name)
    shutil.rmtree(unpacked)


def _install(apt, package, version, series_dir):
    """Downloads and unpacks beside the final place, then renames: never half a kernel."""
    final = series_dir / version
    if not (final / "vmlinuz").exists():
        work = pathlib.Path(tempfile.mkdtemp(prefix=".new-", dir=series_dir))
        try:
            # From 7.2 on the configuration is in a package of its own.
            base = "linux-base-%s-cloud-amd64" % version
            for name in [package] + [base] * (base in apt.names()):
                deb = apt.download(name, work)
                _extract(deb, work)
                deb.unlink()
            if not (work / "vmlinuz").exists():
                raise ArchiveError("%s holds no kernel image" % package)
            image(work)
            (work / "package").write_text(package + "\n")
            work.chmod(0o755)
            shutil.rmtree(final, ignore_errors=True)
            work.rename(final)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    link = series_dir / ".current-new"
    link.unlink(missing_ok=True)
    link.symlink_to(version)
    link.replace(series_dir / "current")


def _forget_old(series_dir):
    """Old versions go after a week, so that a machine booting from one is not surprised."""
    current = os.readlink(series_dir / "current")
    for old in series_dir.iterdir():
        if old.is_dir() and not old.is_symlink() and old.name != current:
            if time.time() - old.stat().st_mtime > KEEP_SECONDS:
                shutil.rmtree(old, ignore_errors=True)


def _age(path):
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


@contextlib.contextmanager
def lock(path, say):
    """One process changes the cache at a time."""
    with open(path, "w", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another fetch of kernels to end")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


class Archive:
    """Fetches series; keeps what the archive said for as long as the object lives."""

    def __init__(self, say=lambda text: None, refresh=False):
        self.root = cache_dir()
        self.say = say
        self.refresh = refresh
        self.suites = [Apt(self.root / "apt", suite) for suite in SUITES]

    def _cached(self, series, max_age):
        """The directory of a series looked up recently, None when it must be asked for."""
        series_dir = self.root / series
        if (not self.refresh or self._asked(series)) and _age(series_dir / "none") < max_age:
            raise NoSuchSeries(series)
        if _age(series_dir / "looked") < max_age and (series_dir / "current/vmlinuz").exists():
            if not self.refresh or self._asked(series):
                return series_dir / "current"
        return None

    def _asked(self, series):
        """Whether another process asked while we waited for the lock."""
        newest = min(_age(self.root / series / "looked"), _age(self.root / series / "none"))
        return newest < time.time() - self.started

    started = 0.0

    def _find(self, series):
        """The suite's apt, package and version of the newest kernel of a series."""
        for apt in self.suites:
            self.say("asking Debian's archive (%s) for kernels %s" % (apt.suite, series))
            found = choose(apt.names(), series)
            if found:
                return apt, *found
        return None

    def fetch(self, series):
        """Returns the directory of the newest kernel of a series: vmlinuz, perhaps vmlinux (the
        same, unpacked) and config, and package (the name it came from)."""
        if not re.fullmatch(r"\d+\.\d+", series):
            raise ArchiveError("'%s' is no kernel series: give the first two numbers of a version, "
                               "such as 7.3" % series)
        self.started = time.time()
        cached = self._cached(series, FRESH_SECONDS)
        if cached:
            return cached.resolve()
        series_dir = self.root / series
        series_dir.mkdir(parents=True, exist_ok=True)
        with lock(self.root / "lock", self.say):
            cached = self._cached(series, FRESH_SECONDS)
            if cached:
                return cached.resolve()
            try:
                self._refresh(series, series_dir)
            except ArchiveError as error:
                if self.refresh or not (series_dir / "current/vmlinuz").exists():
                    raise
                self.say("%s; going on with the kernel fetched earlier" % error)
            return (series_dir / "current").resolve()

    def _refresh(self, series, series_dir):
        found = self._find(series)
        if not found:
            (series_dir / "none").touch()
            raise NoSuchSeries(series)
        apt, package, version = found
        if not (series_dir / version / "vmlinuz").exists():
            self.say("fetching %s" % package)
        _install(apt, package, version, series_dir)
        (series_dir / "none").unlink(missing_ok=True)
        (series_dir / "looked").touch()
        _forget_old(series_dir)
