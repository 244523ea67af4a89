#pragma once
#include <cblas.h>

// LAPACK has no C header of its own here; this is the Fortran interface. `info` is 0 on success.
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda, double *b,
            const int *ldb, int *info);
