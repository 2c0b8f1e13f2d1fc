import FoundationEssentials
import Glibc

/// Bytes that may be personal data: owned, never copied behind the owner's back, and wiped when given back.
///
/// Filled by one thread, then only read.
@safe final class SensitiveBytes: @unchecked Sendable {
    private var storage: UnsafeMutableRawBufferPointer
    private(set) var count: Int

    init(capacity: Int = 0) {
        unsafe storage = .allocate(byteCount: max(capacity, 64), alignment: 16)
        count = 0
    }

    /// Takes over what `data` holds and wipes it there.
    convenience init(wiping data: inout Data) {
        self.init(capacity: data.count)
        append(data.bytes)
        unsafe data.withUnsafeMutableBytes { bytes in
            if let base = bytes.baseAddress { unsafe explicit_bzero(base, bytes.count) }
        }
    }

    /// Copies `bytes`.
    convenience init(_ bytes: [UInt8]) {
        self.init(capacity: bytes.count)
        unsafe bytes.withUnsafeBytes { unsafe append($0.bytes) }
    }

    /// Copies the text's UTF-8.
    convenience init(_ text: String) {
        var text = text
        self.init(capacity: text.utf8.count)
        text.withUTF8 { unsafe append(UnsafeRawBufferPointer($0).bytes) }
    }

    deinit { unsafe Self.wipeAndFree(storage) }

    func append(_ bytes: RawSpan) {
        let capacity = unsafe storage.count
        if bytes.byteCount > capacity - count {
            let larger = UnsafeMutableRawBufferPointer.allocate(
                byteCount: max(capacity * 2, count + bytes.byteCount), alignment: 16)
            unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage.prefix(count)))
            unsafe Self.wipeAndFree(storage)
            unsafe storage = larger
        }
        unsafe bytes.withUnsafeBytes {
            unsafe UnsafeMutableRawBufferPointer(rebasing: storage[count...]).copyMemory(from: $0)
        }
        count += bytes.byteCount
    }

    /// Wipes everything and is empty again.
    func removeAll() {
        if let base = unsafe storage.baseAddress { unsafe explicit_bzero(base, storage.count) }
        count = 0
    }

    /// Lends the bytes; `body` must not keep what it is given.
    func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        unsafe storage.prefix(count).withMemoryRebound(to: UInt8.self) { unsafe body(UnsafeBufferPointer($0).span) }
    }

    /// Lends the bytes to Foundation's decoders without copying them; `body` must not keep what it is given.
    func withData<Result>(_ body: (Data) throws -> Result) rethrows -> Result {
        guard let base = unsafe storage.baseAddress, count > 0 else { return try body(Data()) }
        return try unsafe body(Data(bytesNoCopy: base, count: count, deallocator: .none))
    }

    /// Lends the bytes; the pointer is valid as long as this object is.
    var unsafeBytes: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(rebasing: storage.prefix(count))
    }

    private static func wipeAndFree(_ storage: UnsafeMutableRawBufferPointer) {
        if let base = storage.baseAddress { unsafe explicit_bzero(base, storage.count) }
        unsafe storage.deallocate()
    }
}
