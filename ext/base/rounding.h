/*
** Rounding. A compiler may contract a multiplication and an addition into one instruction that rounds once,
** where the processor has one. The last bits would then differ between machines, so contraction is forbidden
** here: by a pragma for clang, which would contract otherwise. gcc never contracts with -std=c11; it does in
** its own dialect of C, which the one file may be compiled in, and there it has a pragma of its own. Every
** file that computes with doubles includes this.
*/
#ifndef PH_BASE_ROUNDING_H
#define PH_BASE_ROUNDING_H

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__) && !defined(__STRICT_ANSI__)
#pragma GCC optimize("fp-contract=off")
#elif defined(_MSC_VER)
#pragma fp_contract(off)
#endif

#endif
