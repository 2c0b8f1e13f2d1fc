import Glibc

/// The small files that the daemon keeps of itself: keys and certificates.
enum StateFile {
    /// The file's bytes; nil when there is none.
    static func read(_ path: String, limit: Int) throws(TerminalError) -> [UInt8]? {
        do throws(SystemCallError) {
            let bytes = try SystemCalls.contents(of: path, limit: limit + 1)
            guard bytes.count <= limit else { throw SystemCallError(call: "read", code: EFBIG) }
            return bytes
        } catch {
            if error.code == ENOENT { return nil }
            throw .unusableFile(path: path, reason: error.description)
        }
    }

    /// Makes the file, and its folder when that is not there; it has its whole content or is not there.
    static func create(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o600) throws(TerminalError) {
        do throws(SystemCallError) {
            try makeFolder(of: path)
            try SystemCalls.createFile(path, bytes, mode: mode)
        } catch {
            throw .unusableFile(path: path, reason: error.description)
        }
    }

    /// Makes the folder that is to hold `path`, for the daemon alone, when it is not there; not the one above it.
    static func makeFolder(of path: String) throws(SystemCallError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        do throws(SystemCallError) {
            try SystemCalls.makeFolder(String(path[..<slash]), mode: 0o750)
        } catch {
            guard error.code == EEXIST else { throw error }
        }
    }
}
