/* Gamma function and gamma distribution. See gamma.h.
**
** Sources: N. M. Temme, "A set of algorithms for the incomplete gamma functions", Probability in the
** Engineering and Informational Sciences 8 (1994); A. Gil, J. Segura, N. M. Temme, "Efficient and accurate
** algorithms for the computation and inversion of the incomplete gamma function ratios", SIAM J. Sci. Comput.
** 34 (2012); NIST Digital Library of Mathematical Functions, chapters 5 and 8.
*/
#include "gamma.h"
#include "elementary.h"

#include "../base/rounding.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static const double TWO_PI = 6.283185307179586477, HALF_LOG_TWO_PI = 0.91893853320467274178;

enum {
  STIRLING_FROM = 10, /* from here on Stirling's series has all digits */
  UNIFORM_FROM = 25,  /* shapes from which the uniform expansion has them */
  MOST_TERMS = 10000  /* of a series or a fraction; no argument needs a tenth of them */
};

static double polynomial(const double *coefficients, size_t count, double x) {
  double sum = 0;
  while (count-- > 0) sum = sum * x + coefficients[count];
  return sum;
}

/* ------------------------------------------------------------------------------------------------ ln Γ */

/* ln Γ(2 + t) for |t| <= 1/2: DLMF 5.7.3. The coefficient of t^(k-1), k > 1, is (-1)^k (ζ(k) - 1) / k. */
static double log_gamma_near_two(double t) {
  static const double coefficients[] = {
      0.42278433509846713939,     0.32246703342411321824,    -0.067352301053198095133,
      0.020580808427784547879,    -0.0073855510286739852663, 0.0028905103307415232858,
      -0.0011927539117032609771,  0.00050966952474304242234, -0.00022315475845357937976,
      0.000099457512781808533715, -0.0000449262367381331417, 0.000020507212775670691553,
      -9.439488275268395904e-6,   4.3748667899074878042e-6,  -2.0392157538013662368e-6,
      9.5514121304074198329e-7,   -4.4924691987645660433e-7, 2.1207184805554665869e-7,
      -1.0043224823968099609e-7,  4.7698101693639805658e-8,  -2.271109460894316491e-8,
      1.0838659214896954091e-8,   -5.1834750419700466551e-9, 2.4836745438024783172e-9,
      -1.1921401405860912074e-9,  5.7313672416788620133e-10};
  return t * polynomial(coefficients, LENGTH(coefficients), t);
}

/* ln Γ(1 + t) for |t| <= 1/2, with all digits next to t = 0. */
static double log_gamma_near_one(double t) {
  return log_gamma_near_two(t) - ph_log1p(t);
}

/* ln Γ(x) - [(x - 1/2) ln x - x + ln(2π)/2] for large x: DLMF 5.11.1. */
static double stirling_correction(double x) {
  static const double coefficients[] = {1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
                                        1.0 / 1188, -691.0 / 360360, 1.0 / 156,  -3617.0 / 122400};
  return polynomial(coefficients, LENGTH(coefficients), 1 / (x * x)) / x;
}

double ph_log_gamma(double x) {
  if (!(x > 0)) return NAN;
  if (x == INFINITY) return x;
  if (x < 0.5) return log_gamma_near_one(x) - ph_log(x);
  if (x < 1.5) return log_gamma_near_one(x - 1);
  if (x >= STIRLING_FROM) return (x - 0.5) * ph_log(x) - x + (HALF_LOG_TWO_PI + stirling_correction(x));
  double product = 1; /* Γ(x) = (x - 1) Γ(x - 1) */
  while (x > 2.5) product *= x -= 1;
  return ph_log(product) + log_gamma_near_two(x - 2);
}

/* ln Γ(1 + t), t > 0, without the digits that 1 + t would lose. */
static double log_gamma_of_successor(double t) {
  return t < 0.5 ? log_gamma_near_one(t) : ph_log_gamma(1 + t);
}

/* ------------------------------------------------------------------------- the incomplete gamma function */

/* λ - 1 - ln λ with λ = x / a: with all digits where x is next to a, and where it is far below. */
static double distance_in_logs(double a, double x) {
  return 2 * x > a ? ph_log1p_remainder((x - a) / a) : x / a - 1 - ph_log(x / a);
}

/* x^a e^-x / Γ(a + 1). For large a it is written with the distance of x from a, or the digits of a ln x
** would be lost. */
static double leading_factor(double a, double x) {
  if (a < STIRLING_FROM) return ph_exp(a * ph_log(x) - x - log_gamma_of_successor(a));
  return ph_exp(-a * distance_in_logs(a, x) - stirling_correction(a)) / sqrt(TWO_PI * a);
}

/* P / leading factor: DLMF 8.7.1, for x < a and somewhat beyond. */
static double lower_series(double a, double x) {
  double sum = 1, term = 1;
  for (int n = 1; n < MOST_TERMS && term > sum * (DBL_EPSILON / 4); n++) sum += term *= x / (a + n);
  return sum;
}

/* Q / (a * leading factor): DLMF 8.9.2 as Lentz's method takes it, for x > a and x >= 1. */
static double upper_fraction(double a, double x) {
  double b = x + 1 - a, c = 1 / DBL_MIN, d = 1 / b, fraction = d;
  for (int n = 1; n < MOST_TERMS; n++) {
    double numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    fraction *= c * d;
    if (fabs(c * d - 1) < DBL_EPSILON) break;
  }
  return fraction;
}

/* Q for small a and x: 1 - P with the 1 taken away before digits are lost (DLMF 8.7.1, first form). */
static double upper_of_small(double a, double x) {
  double power = a * ph_log(x) - log_gamma_of_successor(a), sum = 0, term = 1;
  for (int n = 1; n < MOST_TERMS; n++) {
    term *= -x / n;
    sum += term / (a + n);
    if (fabs(term) < fabs(sum) * (DBL_EPSILON / 4)) break;
  }
  return -ph_expm1(power) - ph_exp(power) * a * sum;
}

/* Temme's uniform expansion for large a: with y = a (λ - 1 - ln λ) = a η²/2, λ = x / a and η of the sign
** of λ - 1, Q = erfc(±√y)/2 + e^-y / √(2πa) Σ β_n η^n / (1 + β_1/a), where β_(n-1) = d_n + (n + 1) β_(n+1)
** / a and the d_n are the coefficients of η / (λ - 1). The sum 1 + β_1/a is Γ(a) over Stirling's formula,
** and erfc(√y) = Q(1/2, y). */
static ph_gamma_parts uniform_expansion(double a, double x) {
  static const double d[] = {1,
                             -0.33333333333333333333,
                             0.083333333333333333333,
                             -0.014814814814814814815,
                             0.0011574074074074074074,
                             0.00035273368606701940035,
                             -0.0001787551440329218107,
                             0.000039192631785224377817,
                             -2.1854485106799921615e-6,
                             -1.8540622107151599607e-6,
                             8.296711340953086005e-7,
                             -1.7665952736826079304e-7,
                             6.7078535434014985804e-9,
                             1.0261809784240308043e-8,
                             -4.3820360184533531866e-9,
                             9.1476995822367902342e-10,
                             -2.5514193994946249767e-11,
                             -5.8307721325504250675e-11,
                             2.4361948020667416244e-11,
                             -5.0276692801141755891e-12,
                             1.1004392031956134771e-13,
                             3.3717632624009853788e-13,
                             -1.3923887224181620659e-13,
                             2.8534893807047443204e-14,
                             -5.139111834242572619e-16,
                             -1.9752288294349442835e-15,
                             8.0995211567045613341e-16,
                             -1.6522531216398161819e-16};
  double distance = distance_in_logs(a, x), y = a * distance;
  double eta = x < a ? -sqrt(2 * distance) : sqrt(2 * distance);
  double beta = 0, beta_above = 0, sum = 0; /* β_n and β_(n+1) */
  for (size_t n = LENGTH(d) - 1; n >= 1; n--) {
    double below = d[n] + (double)(n + 1) * beta_above / a;
    sum = sum * eta + below;
    beta_above = beta;
    beta = below;
  }
  double stirling = 1 + beta_above / a, density = ph_exp(-y) / sqrt(TWO_PI * a) / stirling;
  double half_erfc = 0.5 * ph_gamma_at(0.5, y).upper;
  double tail = x < a ? half_erfc - density * sum : half_erfc + density * sum;
  return x < a ? (ph_gamma_parts){tail, 1 - tail, density * a}
               : (ph_gamma_parts){1 - tail, tail, density * a};
}

/* Whether P is the smaller of the two, or nearly so; for small a the two are alike about x = 2^(-1/a). */
static bool lower_is_smaller(double a, double x) {
  return x >= 0.5 ? x < a : a * ph_log(x) < -0.69314718055994531;
}

ph_gamma_parts ph_gamma_at(double shape, double x) {
  if (!(shape > 0) || x != x) return (ph_gamma_parts){NAN, NAN, NAN};
  if (x <= 0) return (ph_gamma_parts){0, 1, 0};
  if (x == INFINITY) return (ph_gamma_parts){1, 0, 0};
  if (shape >= UNIFORM_FROM && x > 0.3 * shape && x < 2.35 * shape) return uniform_expansion(shape, x);
  double factor = leading_factor(shape, x), weight = factor * shape;
  if (lower_is_smaller(shape, x)) {
    double lower = factor * lower_series(shape, x);
    return (ph_gamma_parts){lower, 1 - lower, weight};
  }
  double upper = x < 1.5 ? upper_of_small(shape, x) : weight * upper_fraction(shape, x);
  return (ph_gamma_parts){1 - upper, upper, weight};
}

/* ------------------------------------------------------------------------------------------- the inverse */

/* Newton's method on the logarithm of the smaller share over ln x. Both ln P and ln Q are concave in ln x,
** so a step never crosses the solution from a start beyond it on the share's own side, and each step goes
** the same way until the digits are used up. Chernoff's bounds of the tails are such starts. */
enum { MOST_STEPS = 200 };

static double inverse_of_lower(double shape, double lower) {
  double minus_log = -ph_log(lower);
  double power = ph_exp((log_gamma_of_successor(shape) - minus_log) / shape); /* P <= x^a / Γ(a + 1) */
  double bound = shape - sqrt(2 * shape * minus_log);
  double x = bound > power ? bound : power;
  for (int step = 0; step < MOST_STEPS && x > 0; step++) {
    ph_gamma_parts parts = ph_gamma_at(shape, x);
    double move = (ph_log(parts.lower) + minus_log) * parts.lower / parts.weight;
    if (!(move < 0)) break;
    x *= ph_exp(-move);
    if (move > -1e-12) break;
  }
  return x;
}

static double inverse_of_upper(double shape, double upper) {
  double minus_log = -ph_log(upper);
  double x = shape + sqrt(2 * shape * minus_log) + minus_log;
  for (int step = 0; step < MOST_STEPS; step++) {
    ph_gamma_parts parts = ph_gamma_at(shape, x);
    double move = (ph_log(parts.upper) + minus_log) * parts.upper / parts.weight;
    if (!(move < 0)) break;
    x *= ph_exp(move);
    if (move > -1e-12) break;
  }
  return x;
}

double ph_gamma_inverse(double shape, double lower, double upper) {
  if (!(shape > 0) || !(lower >= 0) || !(upper >= 0)) return NAN;
  if (lower == 0) return 0;
  if (upper == 0) return INFINITY;
  return lower < upper ? inverse_of_lower(shape, lower) : inverse_of_upper(shape, upper);
}
