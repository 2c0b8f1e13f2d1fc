// Instructions of the processor that Swift has no name for.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Asks the processor to bring a cache line in, for data that is touched soon.
static inline void cccd_prefetch(const void *address) { __builtin_prefetch(address); }

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

/// Whether the processor has instructions for SHA-256 (and SSSE3 and SSE4.1, which go with them).
static inline int cccd_has_sha256_pair(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 9)) || !(c & (1u << 19))) return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29));
}

/// The constants of FIPS 180-4, 4.2.2.
static const uint32_t cccd_sha256_constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/// Puts `count` blocks of 64 bytes of each of two messages into their SHA-256 states, eight words each in the order of
/// FIPS 180-4. Each round waits for the one before it; those of the other message fill the time.
__attribute__((target("sha,sse4.1,ssse3")))
static void cccd_sha256_pair(uint32_t *state0, const uint8_t *bytes0, uint32_t *state1, const uint8_t *bytes1,
                             size_t count) {
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    uint32_t *const state[2] = {state0, state1};
    const uint8_t *bytes[2] = {bytes0, bytes1};
    // The instructions want the words as {F,E,B,A} and {H,G,D,C}, the highest first.
    __m128i abef[2], cdgh[2], w[2][4];
#define CCCD_EACH for (int i = 0; i < 2; i++)
#pragma clang loop unroll(full)
    CCCD_EACH {
        __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state[i]), 0xB1);
        __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(state[i] + 4)), 0x1B);
        abef[i] = _mm_alignr_epi8(abcd, efgh, 8);
        cdgh[i] = _mm_blend_epi16(efgh, abcd, 0xF0);
    }
    for (; count > 0; count--) {
        const __m128i before[2][2] = {{abef[0], cdgh[0]}, {abef[1], cdgh[1]}};
#pragma clang loop unroll(full)
        for (int step = 0; step < 16; step++) {
            const __m128i constants = _mm_load_si128((const __m128i *)(cccd_sha256_constants + 4 * step));
#pragma clang loop unroll(full)
            CCCD_EACH {
                // Words 4·step … 4·step + 3 of the message schedule; only the last sixteen are kept.
                __m128i *const now = &w[i][step & 3];
                if (step < 4) {
                    *now = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)bytes[i] + step), swap);
                } else {
                    const __m128i last = w[i][(step + 3) & 3];
                    const __m128i middle = _mm_alignr_epi8(last, w[i][(step + 2) & 3], 4);
                    *now = _mm_sha256msg2_epu32(
                        _mm_add_epi32(_mm_sha256msg1_epu32(*now, w[i][(step + 1) & 3]), middle), last);
                }
                const __m128i sum = _mm_add_epi32(*now, constants);
                cdgh[i] = _mm_sha256rnds2_epu32(cdgh[i], abef[i], sum);
                abef[i] = _mm_sha256rnds2_epu32(abef[i], cdgh[i], _mm_shuffle_epi32(sum, 0x0E));
            }
        }
#pragma clang loop unroll(full)
        CCCD_EACH {
            abef[i] = _mm_add_epi32(abef[i], before[i][0]);
            cdgh[i] = _mm_add_epi32(cdgh[i], before[i][1]);
            bytes[i] += 64;
        }
    }
#pragma clang loop unroll(full)
    CCCD_EACH {
        __m128i feba = _mm_shuffle_epi32(abef[i], 0x1B);
        __m128i dchg = _mm_shuffle_epi32(cdgh[i], 0xB1);
        _mm_storeu_si128((__m128i *)state[i], _mm_blend_epi16(feba, dchg, 0xF0));
        _mm_storeu_si128((__m128i *)(state[i] + 4), _mm_alignr_epi8(dchg, feba, 8));
    }
#undef CCCD_EACH
}
#else
static inline int cccd_has_sha256_pair(void) { return 0; }
static inline void cccd_sha256_pair(uint32_t *state0, const uint8_t *bytes0, uint32_t *state1, const uint8_t *bytes1,
                                    size_t count) {
    (void)state0, (void)bytes0, (void)state1, (void)bytes1, (void)count;
}
#endif
