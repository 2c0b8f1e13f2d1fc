import Glibc

/// The file that results are written to.
final class ResultFile: Sendable {
    private let descriptor: Int32
    private let path: String
    private let isOwned: Bool

    /// Standard output.
    static let standardOutput = ResultFile(descriptor: STDOUT_FILENO)

    private init(descriptor: Int32) {
        self.descriptor = descriptor
        path = "standard output"
        isOwned = false
    }

    /// Opens the file, which only its owner may read, and cuts it to its first `count` bytes.
    init(_ path: String, keeping count: Int) throws(BatchError) {
        let descriptor = SystemFile.create(path)
        guard descriptor >= 0 else { throw .unwritable(path: path, reason: SystemError.text) }
        guard lseek(descriptor, 0, SEEK_END) >= count || count == 0 else {
            close(descriptor)
            throw .unwritable(path: path, reason: "it is shorter than the run to be resumed left it")
        }
        // A device cannot be cut and need not be.
        guard ftruncate(descriptor, count) == 0 || errno == EINVAL, lseek(descriptor, 0, SEEK_END) >= 0 else {
            let reason = SystemError.text
            close(descriptor)
            throw .unwritable(path: path, reason: reason)
        }
        self.descriptor = descriptor
        self.path = path
        isOwned = true
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    func write(_ bytes: [UInt8]) throws(BatchError) { try SystemFile.write(bytes, to: descriptor) }

    /// Waits until what was written is on the disk.
    func synchronize() throws(BatchError) {
        guard fdatasync(descriptor) == 0 || errno == EINVAL || errno == EROFS else {
            throw .unwritable(path: path, reason: SystemError.text)
        }
    }
}
