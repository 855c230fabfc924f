# SPDX-License-Identifier: GPL-2.0-only
# SPDX-FileCopyrightText: Copyright the libscx authors
"""The kernel's own schedulers (tools/sched_ext), out of Debian's linux-source-SERIES.

They are read in tests and never become part of the project. The package is fetched as kernels are, see
kernel/vm/archive.py, and what is kept of it lies beside them in the cache: sources/SERIES/VERSION.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "kernel" / "vm"))

# pylint: disable=wrong-import-position
import archive

# The archive in the package is 1.5 GB unpacked; what we want comes near its end.
UNPACK = r"""
set -o pipefail
dpkg-deb --fsys-tarfile "$1" | tar -xO "./usr/src/$2.tar.xz" | xz -dc |
	tar -x --strip-components=2 --no-same-owner "$2/tools/sched_ext"
"""


def _install(apt, package, final):
    """Unpacks beside the final place, then renames: never half of it."""
    work = pathlib.Path(tempfile.mkdtemp(prefix=".new-", dir=final.parent))
    try:
        deb = apt.download(package, work)
        done = subprocess.run(["bash", "-c", UNPACK, "unpack", str(deb), package], cwd=work,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode or not (work / "sched_ext").is_dir():
            raise archive.ArchiveError("%s holds no tools/sched_ext that can be unpacked: %s"
                                       % (deb.name, done.stderr.strip()))
        (work / "sched_ext").rename(final)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _refresh(series, home, say):
    package = "linux-source-" + series
    for suite in archive.SUITES:
        apt = archive.Apt(archive.cache_dir() / "apt", suite)
        if package not in apt.names():
            continue
        final = home / apt.version(package)
        if not final.is_dir():
            say("fetching %s: 160 MB, once" % package)
            _install(apt, package, final)
        (home / ".current-new").unlink(missing_ok=True)
        (home / ".current-new").symlink_to(final.name)
        (home / ".current-new").replace(home / "current")
        for old in home.iterdir():
            if old.is_dir() and not old.is_symlink() and old != final:
                shutil.rmtree(old, ignore_errors=True)
        (home / "looked").touch()
        return
    raise archive.NoSuchSeries(series)


def schedulers(series, say):
    """Returns the folder with the newest tools/sched_ext of a series. Raises what archive.py does."""
    home = archive.cache_dir() / "sources" / series
    home.mkdir(parents=True, exist_ok=True)
    with archive.lock(archive.cache_dir() / "lock", say):
        looked = home / "looked"
        fresh = looked.exists() and time.time() - looked.stat().st_mtime < archive.FRESH_SECONDS
        if not fresh or not (home / "current").is_dir():
            try:
                _refresh(series, home, say)
            except archive.ArchiveError as error:
                if not (home / "current").is_dir():
                    raise
                say("%s; going on with the source fetched earlier" % error)
        return home / os.readlink(home / "current")
