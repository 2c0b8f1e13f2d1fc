// Instructions of the processor that Swift has no name for.
#pragma once

/// Asks the processor to bring a cache line in, for data that is touched soon.
static inline void cccd_prefetch(const void *address) { __builtin_prefetch(address); }
