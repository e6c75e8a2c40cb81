/* The best rate of sgemm, [rows, 768] x [768, 2304], in GFLOP/s: sgemm ROWS REPEATS */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void cblas_sgemm(int order, int transA, int transB, int m, int n, int k, float alpha,
                 const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

int main(int argc, char **argv) {
  int m = atoi(argv[1]), k = 768, n = 2304, repeats = atoi(argv[2]);
  float *a = malloc(sizeof(float) * m * k), *b = malloc(sizeof(float) * k * n);
  float *c = malloc(sizeof(float) * m * n);
  for (int i = 0; i < m * k; i++) a[i] = 0.001f * (i % 997);
  for (int i = 0; i < k * n; i++) b[i] = 0.001f * (i % 991);
  double best = 1e9;
  for (int i = 0; i < repeats + 3; i++) { /* the first three warm up */
    double start = seconds();
    cblas_sgemm(101, 111, 111, m, n, k, 1, a, k, b, n, 0, c, n);
    double took = seconds() - start;
    if (i >= 3 && took < best) best = took;
  }
  printf("%.3f\n", 2.0 * m * k * n / best / 1e9);
  return argc != 3;
}
