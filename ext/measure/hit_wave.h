/*
** Waves: numbers of size one that turn by the same angle from point to point, many points at
** once.
**
** Only + - * / are used, nothing that rounds differently elsewhere, so that results are the same bytes on
** every machine.
*/
#ifndef PH_MEASURE_HIT_WAVE_H
#define PH_MEASURE_HIT_WAVE_H

#include <stdint.h>

#define PH_PI 3.14159265358979323846

enum {
  PH_BLOCK_POINTS = 16,
  PH_WAVE_LANES = 4 /* points that turn together: the compiler's vector */
};

/* Something that turns by `phase` / 2^64 of a full turn from each point to the next. It remembers where it
** stands, times its weight, at PH_WAVE_LANES points from `point` on, because blocks of points mostly follow
** each other. */
typedef struct ph_wave {
  uint64_t phase, point;
  double weight;                 /* the win rate of a deal, the weight of a state */
  double step_cosine, step_sine; /* of PH_WAVE_LANES phases */
  double cosine[PH_WAVE_LANES], sine[PH_WAVE_LANES];
} ph_wave;

/* Cosine and sine of phase / 2^64 turns, good to 1e-11. */
void ph_turn(uint64_t phase, double *cosine, double *sine);

/* exp(-x) for x >= 0, good to 1e-12. */
double ph_exponential_decay(double x);

/* The phase of a share of a full turn, 0 to 1; of units within a period. */
uint64_t ph_phase_of(double turns);
uint64_t ph_phase_in(int64_t period, int64_t units);

/* Multiplies the block of points from `point` on by 1 - p + p exp(i angle), p being the wave's weight. */
void ph_wave_multiply(ph_wave *wave, uint64_t point, double *real, double *imaginary);

/* Adds weight * exp(i angle) to the block of points from `point` on. */
void ph_wave_add(ph_wave *wave, uint64_t point, double *real, double *imaginary);

/* The square of |1 - p + p exp(i angle)|, which is 1 - 2 p q + 2 p q cos(angle), along the points of a wave: a
** fraction of the wave's work. It remembers 2 p q cos(angle) at the PH_WAVE_LANES points from `point` on and
** before; all 0 to begin with. */
typedef struct ph_swing {
  uint64_t point;
  double amplitude; /* 2 p q */
  double twice_step_cosine;
  double now[PH_WAVE_LANES], before[PH_WAVE_LANES];
} ph_swing;

/* Multiplies the block of points from `point` on by the squares. */
void ph_swing_multiply(ph_swing *swing, const ph_wave *wave, uint64_t point, double *squares);

#endif
