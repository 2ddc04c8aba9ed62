/* Waves. See hit_wave.h. */
#include "hit_wave.h"

#include "../base/rounding.h"

#include <string.h>

#define TWO_TO_64 18446744073709551616.0

/* By Taylor's series of half the angle. */
void ph_turn(uint64_t phase, double *cosine, double *sine) {
  double x = (phase < (uint64_t)1 << 63 ? (double)phase : -(double)(0 - phase)) * (PH_PI / TWO_TO_64);
  double y = x * x;
  double s = -1 / 1307674368000.0, c = 1 / 20922789888000.0;
  s = s * y + 1 / 6227020800.0, c = c * y - 1 / 87178291200.0;
  s = s * y - 1 / 39916800.0, c = c * y + 1 / 479001600.0;
  s = s * y + 1 / 362880.0, c = c * y - 1 / 3628800.0;
  s = s * y - 1 / 5040.0, c = c * y + 1 / 40320.0;
  s = s * y + 1 / 120.0, c = c * y - 1 / 720.0;
  s = s * y - 1 / 6.0, c = c * y + 1 / 24.0;
  s = (s * y + 1) * x, c = (c * y - 0.5) * y + 1;
  *cosine = 1 - 2 * s * s;
  *sine = 2 * s * c;
}

double ph_exponential_decay(double x) {
  if (x > 700) return 0;
  double y = x / 1024, result = 1 / 720.0;
  result = 1 - y * (1 - y * (0.5 - y * (1 / 6.0 - y * (1 / 24.0 - y * (1 / 120.0 - y * result)))));
  for (int i = 0; i < 10; i++) result *= result;
  return result;
}

uint64_t ph_phase_of(double turns) {
  return turns < 1 ? (uint64_t)(turns * TWO_TO_64) : 0;
}

uint64_t ph_phase_in(int64_t period, int64_t units) {
  return ph_phase_of((double)(units < period ? units : units % period) / (double)period);
}

static void square(double *cosine, double *sine) {
  double c = *cosine, s = *sine;
  *cosine = c * c - s * s;
  *sine = 2 * c * s;
}

/* The wave at PH_WAVE_LANES points from `point` on, and its step. */
static void start_wave(ph_wave *wave, uint64_t point) {
  double one_cosine, one_sine;
  ph_turn(wave->phase, &one_cosine, &one_sine);
  double cosine = one_cosine, sine = one_sine;
  if (point != 1) ph_turn(wave->phase * point, &cosine, &sine);
  wave->cosine[0] = cosine * wave->weight;
  wave->sine[0] = sine * wave->weight;
  for (int lane = 1; lane < PH_WAVE_LANES; lane++) {
    cosine = wave->cosine[lane - 1], sine = wave->sine[lane - 1];
    wave->cosine[lane] = cosine * one_cosine - sine * one_sine;
    wave->sine[lane] = cosine * one_sine + sine * one_cosine;
  }
  for (int lanes = 1; lanes < PH_WAVE_LANES; lanes *= 2) square(&one_cosine, &one_sine);
  wave->step_cosine = one_cosine;
  wave->step_sine = one_sine;
  wave->point = point;
}

/* Waves and swings start afresh after a gap, and now and then lest rounding errors grow. */
enum { POINTS_BETWEEN_STARTS = 64 * PH_BLOCK_POINTS };

static void move_wave(ph_wave *wave, uint64_t point) {
  if (wave->point != point || point % POINTS_BETWEEN_STARTS == 1) start_wave(wave, point);
  wave->point = point + PH_BLOCK_POINTS;
}

void ph_wave_multiply(ph_wave *wave, uint64_t point, double *restrict real, double *restrict imaginary) {
  move_wave(wave, point);
  double lose = 1 - wave->weight, step_cosine = wave->step_cosine, step_sine = wave->step_sine;
  double cosine[PH_WAVE_LANES], sine[PH_WAVE_LANES];
  memcpy(cosine, wave->cosine, sizeof cosine);
  memcpy(sine, wave->sine, sizeof sine);
  for (int at = 0; at < PH_BLOCK_POINTS; at += PH_WAVE_LANES) {
    for (int lane = 0; lane < PH_WAVE_LANES; lane++) {
      double c = cosine[lane], s = sine[lane], x = real[at + lane], y = imaginary[at + lane];
      double u = lose + c;
      real[at + lane] = x * u - y * s;
      imaginary[at + lane] = x * s + y * u;
      cosine[lane] = c * step_cosine - s * step_sine;
      sine[lane] = c * step_sine + s * step_cosine;
    }
  }
  memcpy(wave->cosine, cosine, sizeof cosine);
  memcpy(wave->sine, sine, sizeof sine);
}

void ph_wave_add(ph_wave *wave, uint64_t point, double *restrict real, double *restrict imaginary) {
  move_wave(wave, point);
  double step_cosine = wave->step_cosine, step_sine = wave->step_sine;
  double cosine[PH_WAVE_LANES], sine[PH_WAVE_LANES];
  memcpy(cosine, wave->cosine, sizeof cosine);
  memcpy(sine, wave->sine, sizeof sine);
  for (int at = 0; at < PH_BLOCK_POINTS; at += PH_WAVE_LANES) {
    for (int lane = 0; lane < PH_WAVE_LANES; lane++) {
      double c = cosine[lane], s = sine[lane];
      real[at + lane] += c;
      imaginary[at + lane] += s;
      cosine[lane] = c * step_cosine - s * step_sine;
      sine[lane] = c * step_sine + s * step_cosine;
    }
  }
  memcpy(wave->cosine, cosine, sizeof cosine);
  memcpy(wave->sine, sine, sizeof sine);
}

/* The swing at the points where the wave stands: its cosines are weighted with p. */
static void start_swing(ph_swing *swing, const ph_wave *wave) {
  double twice_lose = 2 * (1 - wave->weight), step_cosine = wave->step_cosine, step_sine = wave->step_sine;
  for (int lane = 0; lane < PH_WAVE_LANES; lane++) {
    double cosine = twice_lose * wave->cosine[lane], sine = twice_lose * wave->sine[lane];
    swing->now[lane] = cosine;
    swing->before[lane] = cosine * step_cosine + sine * step_sine;
  }
  swing->twice_step_cosine = 2 * step_cosine;
  swing->amplitude = twice_lose * wave->weight;
}

/* cos(x + d) = 2 cos(d) cos(x) - cos(x - d) */
void ph_swing_multiply(ph_swing *swing, const ph_wave *wave, uint64_t point, double *restrict squares) {
  if (swing->point != point || point % POINTS_BETWEEN_STARTS == 1) {
    ph_wave moved = *wave;
    if (moved.point != point) start_wave(&moved, point);
    start_swing(swing, &moved);
  }
  swing->point = point + PH_BLOCK_POINTS;
  double still = 1 - swing->amplitude, twice = swing->twice_step_cosine;
  double now[PH_WAVE_LANES], before[PH_WAVE_LANES];
  memcpy(now, swing->now, sizeof now);
  memcpy(before, swing->before, sizeof before);
  for (int at = 0; at < PH_BLOCK_POINTS; at += PH_WAVE_LANES) {
    for (int lane = 0; lane < PH_WAVE_LANES; lane++) {
      double next = twice * now[lane] - before[lane];
      squares[at + lane] *= still + now[lane];
      before[lane] = now[lane];
      now[lane] = next;
    }
  }
  memcpy(swing->now, now, sizeof now);
  memcpy(swing->before, before, sizeof before);
}
