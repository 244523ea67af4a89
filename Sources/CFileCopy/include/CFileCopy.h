#pragma once
#include <stddef.h>
#include <stdint.h>

/// Copies at most `count` bytes at `*position` of one file to where the other stands, and moves both on, without
/// the bytes passing through this process. Returns how many were copied, or -1 where the system cannot (`errno`).
///
/// Swift does not import the system's own function, which is an extension of GNU and Linux.
int64_t copyFileRange(int source, int64_t *position, int target, size_t count);
