import Glibc

/// A file mapped into memory for reading.
///
/// If somebody cuts the file short while it is mapped, touching what is gone ends the program (SIGBUS); `isWhole` is asked
/// before each block, which leaves that to whoever cuts a file at that very moment.
@safe final class MappedFile: @unchecked Sendable {
    private let start: UnsafeRawPointer?
    private let descriptor: Int32
    /// Bytes of the file.
    let count: Int

    /// - Throws: `BatchError.unreadable` when the file cannot be opened or is no regular file.
    init(_ path: String) throws(BatchError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: SystemError.text) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .unreadable(path: path, reason: "it is no regular file")
        }
        count = Int(status.st_size)
        self.descriptor = descriptor
        guard count > 0 else {
            unsafe start = nil
            return
        }
        guard let mapped = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0), unsafe mapped != MAP_FAILED
        else {
            let reason = SystemError.text
            close(descriptor)
            throw .unreadable(path: path, reason: reason)
        }
        unsafe start = UnsafeRawPointer(mapped)
        unsafe madvise(mapped, count, MADV_SEQUENTIAL)
    }

    deinit {
        if let start = unsafe start { unsafe munmap(UnsafeMutableRawPointer(mutating: start), count) }
        close(descriptor)
    }

    /// The content.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            let buffer = unsafe UnsafeRawBufferPointer(start: start, count: count)
            return unsafe _overrideLifetime(Span(_unsafeElements: buffer.bindMemory(to: UInt8.self)), borrowing: self)
        }
    }

    /// The first bytes, enough to tell its form.
    var beginning: [UInt8] {
        let bytes = self.bytes
        return (0..<min(bytes.count, 512)).map { bytes[$0] }
    }

    /// Whether the file still has the length that it was mapped with, at least.
    var isWhole: Bool {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 && status.st_size >= count
    }

    /// Lets the pages of `range` go: they count as this program's memory as long as they are mapped.
    func letGo(_ range: Range<Int>) {
        guard let start = unsafe start else { return }
        let page = 4096
        let first = (range.lowerBound + page - 1) / page * page
        let last = range.upperBound / page * page
        guard first < last else { return }
        unsafe madvise(UnsafeMutableRawPointer(mutating: start + first), min(last, count) - first, MADV_DONTNEED)
    }
}

/// Reading and writing by file descriptor.
@safe enum SystemFile {
    /// At most `count` bytes that come next; none at the end.
    static func read(_ descriptor: Int32, _ count: Int) throws(BatchError) -> [UInt8] {
        var result = -1
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            repeat {
                result = unsafe Glibc.read(descriptor, buffer.baseAddress, count)
            } while result < 0 && errno == EINTR
            used = max(0, result)
        }
        guard result >= 0 else { throw .unreadable(path: "standard input", reason: SystemError.text) }
        return bytes
    }

    /// Opens a file for writing, which only its owner may read; negative when that fails.
    static func create(_ path: String) -> Int32 { unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600) }

    /// Writes all of `bytes`.
    static func write(_ bytes: [UInt8], to descriptor: Int32) throws(BatchError) {
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + offset }, buffer.count - offset)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .unwritable(path: "the results", reason: SystemError.text) }
            offset += written
        }
    }
}

/// What the last system call of this thread complained of.
@safe enum SystemError {
    static var text: String {
        guard let text = unsafe strerror(errno) else { return "error \(errno)" }
        return unsafe String(cString: text)
    }
}
