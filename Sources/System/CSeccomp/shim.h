#pragma once
#include <seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <unistd.h>

// prctl takes a variable number of arguments, which Swift cannot call.

/// Neither this process nor what it starts can gain rights any more, for good.
static inline int cccd_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

/// Nobody may look into this process, and it leaves no core.
static inline int cccd_not_dumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

/// This process is killed when the thread that started it ends.
static inline int cccd_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

// Swift sees the C library without its extensions.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int first);

/// The child closes every descriptor from `first` on.
static inline int cccd_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

/// Ends this process at once, without what a program does at its end.
///
/// It is not declared as never returning: AddressSanitizer has code that it checks make a system call of its own, sigaltstack,
/// before it calls such a function, which would end a confined process otherwise than it says.
static inline void cccd_end(int status) { _exit(status); }
