/*
** Elementary functions: exponential and logarithm, the same bytes on every machine.
**
** The C library's own functions differ in their last bits from one system to the next. These are made of + -
** * / and of the bits of a double alone, which IEEE 754 defines to the last bit, so they give the same result
** with every compiler that neither contracts nor reorders them (base/rounding.h).
**
** The relative error is below 2e-15, except next to the borders of what a double can hold. NaN gives NaN.
*/
#ifndef PH_PROBABILITY_ELEMENTARY_H
#define PH_PROBABILITY_ELEMENTARY_H

/* e^x; 0 below -745.2, infinite above 709.8. */
double ph_exp(double x);

/* e^x - 1, without the loss of digits for small x. */
double ph_expm1(double x);

/* The natural logarithm; -infinite for 0, NaN below it. */
double ph_log(double x);

/* ln(1 + x), without the loss of digits for small x; -infinite for -1, NaN below it. */
double ph_log1p(double x);

/* x - ln(1 + x) for x > -1, without the loss of digits for small x. It is never negative. */
double ph_log1p_remainder(double x);

#endif
