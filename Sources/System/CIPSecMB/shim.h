// Hashing many messages side by side with Intel's multi-buffer library, libIPSec_MB. It is optional: the program builds
// without its header and runs without the library, which is loaded when it is first wanted.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Where a message stands.
typedef struct {
    uint64_t start;
    uint64_t byte_count;
} cccd_imb_message;

/// Each hash has this many bytes of room.
enum { cccd_imb_hash_room = 64 };

#if defined(__x86_64__) && __has_include(<intel-ipsec-mb.h>)
#include <dlfcn.h>
#include <intel-ipsec-mb.h>

/// A manager of the library's lanes, for one thread: of the widest vectors that the processor has, or of 128 bits, with
/// the SHA instructions where it has those. NULL where the library is not there, is not of the version that the header
/// describes, or fails its own test. The library stays loaded.
static inline void *cccd_imb_new(int is_widest) {
    void *library = dlopen("libIPSec_MB.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return NULL;
    unsigned (*version)(void) = (unsigned (*)(void))dlsym(library, "imb_get_version");
    IMB_MGR *(*allocate)(uint64_t) = (IMB_MGR * (*)(uint64_t)) dlsym(library, "alloc_mb_mgr");
    void (*begin)(IMB_MGR *, IMB_ARCH *) = (void (*)(IMB_MGR *, IMB_ARCH *))dlsym(library, "init_mb_mgr_auto");
    void (*begin_narrow)(IMB_MGR *) = (void (*)(IMB_MGR *))dlsym(library, "init_mb_mgr_sse");
    void (*release)(IMB_MGR *) = (void (*)(IMB_MGR *))dlsym(library, "free_mb_mgr");
    // The manager's functions stand in a structure whose layout belongs to the version.
    if (!version || !allocate || !begin || !begin_narrow || !release || version() != IMB_VERSION_NUM) return NULL;
    IMB_MGR *manager = allocate(0);
    if (!manager) return NULL;
    if (is_widest)
        begin(manager, NULL);
    else
        begin_narrow(manager);
    if (manager->imb_errno == 0 && (manager->features & IMB_FEATURE_SELF_TEST_PASS)) return manager;
    release(manager);
    return NULL;
}

/// Gives a manager back.
static inline void cccd_imb_free(void *manager) {
    void *library = dlopen("libIPSec_MB.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    void (*release)(IMB_MGR *) = (void (*)(IMB_MGR *))dlsym(library, "free_mb_mgr");
    if (release) release((IMB_MGR *)manager);
    dlclose(library);
}

/// The library's number of SHA-1 (`byte_count` 20) or a hash function of SHA-2; 0 for anything else.
static inline int cccd_imb_algorithm(size_t byte_count) {
    switch (byte_count) {
    case 20: return IMB_AUTH_SHA_1;
    case 28: return IMB_AUTH_SHA_224;
    case 32: return IMB_AUTH_SHA_256;
    case 48: return IMB_AUTH_SHA_384;
    case 64: return IMB_AUTH_SHA_512;
    default: return 0;
    }
}

/// Hashes `count` messages of `bytes` with the function whose hashes have `byte_count` bytes, and writes them to `hashes`,
/// `cccd_imb_hash_room` bytes apart. Returns how many are done: fewer than `count` when the library refused one.
static inline size_t cccd_imb_hash(void *state, size_t byte_count, const uint8_t *bytes,
                                   const cccd_imb_message *messages, size_t count, uint8_t *hashes) {
    IMB_MGR *manager = (IMB_MGR *)state;
    const int algorithm = cccd_imb_algorithm(byte_count);
    if (!algorithm) return 0;
    size_t done = 0;
    IMB_JOB *job;
    for (size_t index = 0; index < count; index++) {
        job = IMB_GET_NEXT_JOB(manager);
        *job = (IMB_JOB){0};
        job->cipher_mode = IMB_CIPHER_NULL;
        job->cipher_direction = IMB_DIR_ENCRYPT;
        job->chain_order = IMB_ORDER_HASH_CIPHER;
        job->hash_alg = (IMB_HASH_ALG)algorithm;
        job->src = bytes + messages[index].start;
        job->msg_len_to_hash_in_bytes = messages[index].byte_count;
        job->auth_tag_output = hashes + index * cccd_imb_hash_room;
        job->auth_tag_output_len_in_bytes = byte_count;
        for (job = IMB_SUBMIT_JOB(manager); job; job = IMB_GET_COMPLETED_JOB(manager))
            done += job->status == IMB_STATUS_COMPLETED;
    }
    while ((job = IMB_FLUSH_JOB(manager))) done += job->status == IMB_STATUS_COMPLETED;
    return done;
}
#else
static inline void *cccd_imb_new(int is_widest) { return (void)is_widest, NULL; }
static inline void cccd_imb_free(void *manager) { (void)manager; }
static inline size_t cccd_imb_hash(void *state, size_t byte_count, const uint8_t *bytes,
                                   const cccd_imb_message *messages, size_t count, uint8_t *hashes) {
    (void)state, (void)byte_count, (void)bytes, (void)messages, (void)count, (void)hashes;
    return 0;
}
#endif
