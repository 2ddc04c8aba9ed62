"""The gamma distribution in plain Python: ln Γ with 50 digits, a series and a continued fraction.

lower(a, x) is the regularised incomplete gamma function P(a, x), upper(a, x) is 1 - P(a, x), inverse(a, p) the x with
P(a, x) = p.  The factor before the sums is worked out in decimals, so that large shapes lose no digits.
"""

import functools
import math
from decimal import Decimal, getcontext

getcontext().prec = 50
PI = Decimal('3.14159265358979323846264338327950288419716939937510582097494459')
BERNOULLI = [(1, 6), (-1, 30), (1, 42), (-1, 30), (5, 66), (-691, 2730), (7, 6), (-3617, 510), (43867, 798),
             (-174611, 330), (854513, 138), (-236364091, 2730), (8553103, 6)]


@functools.lru_cache(maxsize=10000)
def log_gamma(a):
    """ln Γ(a) as a Decimal: Stirling's series above 40, below by Γ(a + 1) = a Γ(a)."""
    a = Decimal(a)
    product = Decimal(1)
    while a < 40:
        product *= a
        a += 1
    result = (a - Decimal('0.5')) * a.ln() - a + (2 * PI).ln() / 2
    power = a
    for place, (numerator, denominator) in enumerate(BERNOULLI, 1):
        result += Decimal(numerator) / (Decimal(denominator) * 2 * place * (2 * place - 1)) / power
        power *= a * a
    return result - product.ln()


def factor(a, x):
    """x^a e^-x / Γ(a)"""
    exponent = Decimal(a) * Decimal(x).ln() - Decimal(x) - log_gamma(a)
    return 0.0 if exponent < -740 else float(exponent.exp())


def lower(a, x):
    if x <= 0:
        return 0.0
    if x >= a + 1:
        return 1 - upper(a, x)
    term = result = 1 / a
    n = 0
    while term > result * 1e-18:
        n += 1
        term *= x / (a + n)
        result += term
    return result * factor(a, x)


def upper(a, x):
    if x <= 0:
        return 1.0
    if x < a + 1:
        return 1 - lower(a, x)
    tiny = 1e-300       # the continued fraction after Lentz
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    result = d
    for n in range(1, 10 ** 7):
        b += 2
        an = -n * (n - a)
        d = an * d + b
        c = b + an / c
        d = 1 / (d if abs(d) > tiny else tiny)
        c = c if abs(c) > tiny else tiny
        result *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return result * factor(a, x)


def inverse(a, p):
    """Newton's steps from the approximation of Wilson and Hilferty, kept between bounds that close in."""
    if p <= 0:
        return 0.0
    x = start(a, p)
    if x <= 1e-300:
        return x
    low, high = 0.0, math.inf
    for _ in range(200):
        miss = lower(a, x) - p if p < 0.5 else (1 - p) - upper(a, x)
        if miss > 0:
            high = min(high, x)
        else:
            low = max(low, x)
        density = factor(a, x) / x
        following = x - miss / density if density > 0 else math.inf
        if not low < following < high:
            following = (low + high) / 2 if math.isfinite(high) else 2 * x
        if abs(following - x) <= 4e-16 * x or miss == 0:
            return following if miss else x
        x = max(following, 1e-300)
    return x


def start(a, p):
    small = math.exp((math.log(p) + float(log_gamma(a + 1))) / a)
    if a < 1 or small < 0.1 * a:
        return max(small, 1e-300)
    t = math.sqrt(-2 * math.log(min(p, 1 - p)))
    z = t - (2.30753 + 0.27061 * t) / (1 + 0.99229 * t + 0.04481 * t * t)
    z = z if p > 0.5 else -z
    return max(a * (1 - 1 / (9 * a) + z / (3 * math.sqrt(a))) ** 3, 1e-3 * a)
