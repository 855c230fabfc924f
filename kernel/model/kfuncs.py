#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Copyright the libscx authors
"""kfuncs.py KERNEL.BPF.H KFUNCS.H: the declarations of kernel functions alone, without the types."""
import re
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    text = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.S)
found = re.findall(r"^extern [^;{]*;", text, flags=re.M)
if not found:
    sys.exit(f"{sys.argv[1]}: no function is declared there")
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write("\n".join(found) + "\n")
