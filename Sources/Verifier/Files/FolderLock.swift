import Glibc

/// One process at a time changes a file: whoever holds the lock on the file's folder. It ends with the process, and leaves
/// nothing behind.
struct FolderLock: ~Copyable {
    private let descriptor: Int32

    /// Waits until nobody else holds the lock.
    init(folderOf path: String) throws(SystemCallFailure) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallFailure(call: "open", number: errno) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let failure = SystemCallFailure(call: "flock", number: errno)
                close(descriptor)
                throw failure
            }
        }
    }

    deinit { close(descriptor) }
}
