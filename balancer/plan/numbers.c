/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* Copyright the libscx authors */
/*
 * Arithmetic that must give the same on every machine: products of 128 bits, saturating.
 * May know nothing.
 */
#include "plan.h"

#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 scxi_u128;

uint64_t scxi_muldiv(uint64_t a, uint64_t b, uint64_t c)
{
	if (a <= UINT32_MAX && b <= UINT32_MAX)
		return a * b / c;
	scxi_u128 product = (scxi_u128)a * b;

	if (product <= UINT64_MAX)
		return (uint64_t)product / c;
	if ((uint64_t)(product >> 64) >= c)
		return UINT64_MAX;
	return (uint64_t)(product / c);
}
#else
uint64_t scxi_muldiv(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t a1 = a >> 32, a0 = a & UINT32_MAX, b1 = b >> 32, b0 = b & UINT32_MAX;
	uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
	uint64_t middle2 = a0 * b1 + (middle & UINT32_MAX);
	uint64_t high = a1 * b1 + (middle >> 32) + (middle2 >> 32);
	uint64_t low = a * b;

	if (high >= c)
		return UINT64_MAX;
	/* Long division, one bit at a time; the remainder stays below c. */
	for (unsigned i = 0; i < 64; i++) {
		uint64_t carry = high >> 63;

		high = high << 1 | low >> 63;
		low <<= 1;
		if (carry || high >= c) {
			high -= c;
			low |= 1;
		}
	}
	return low;
}
#endif

uint32_t scxi_pressure_ppt(uint64_t pressure)
{
	uint64_t ppt;

	if (pressure == SCXI_PRESSURE_INF)
		return UINT32_MAX;
	ppt = scxi_muldiv(pressure, 1000, SCXI_PRESSURE_ONE);
	return ppt < UINT32_MAX ? (uint32_t)ppt : UINT32_MAX - 1;
}
