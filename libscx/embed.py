#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Copyright the libscx authors
"""Writes a file as the initialiser of a C array: embed.py INPUT OUTPUT."""

import sys

with open(sys.argv[1], "rb") as source:
    data = source.read()
with open(sys.argv[2], "w", encoding="ascii") as target:
    for start in range(0, len(data), 32):
        target.write(",".join(map(str, data[start : start + 32])) + ",\n")
