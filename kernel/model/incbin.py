#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause
# Copyright the libscx authors
"""incbin.py SYMBOL VISIBILITY FILE OUTPUT.S: FILE as data between SYMBOL and SYMBOL_end."""
import os
import sys

symbol, visibility, path, output = sys.argv[1:]
lines = ['.section .note.GNU-stack, "", %progbits', ".section .rodata", ".balign 16"]
for name, body in ((symbol, f'.incbin "{os.path.abspath(path)}"'), (symbol + "_end", ".byte 0")):
    lines += [f".globl {name}", f".{visibility} {name}", f".type {name}, %object", f"{name}:", body]
with open(output, "w", encoding="utf-8") as file:
    file.write("\n".join(lines) + "\n")
