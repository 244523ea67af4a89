#define _GNU_SOURCE
#include "CFileCopy.h"

#include <errno.h>
#include <unistd.h>

int64_t copyFileRange(int source, int64_t *position, int target, size_t count) {
#ifdef __linux__
  off_t offset = *position;
  ssize_t copied = copy_file_range(source, &offset, target, NULL, count, 0);
  *position = offset;
  return copied;
#else
  errno = ENOSYS;
  return -1;
#endif
}
