import CSQLite

/// A compiled SQL statement. Belongs to its connection's thread. Parameters count from 1 and columns from 0, as in SQLite.
@safe package struct Statement: RecordRow, ~Copyable {
    private let handle: OpaquePointer
    private let path: String
    private let operation: String

    /// Takes the statement over.
    init(_ handle: OpaquePointer, path: String, operation: String) {
        unsafe self.handle = handle
        self.path = path
        self.operation = operation
    }

    deinit { unsafe sqlite3_finalize(handle) }

    /// Whether there is a row; false when the statement is done.
    package func step() throws(RegistryError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else { throw error(code) }
        return false
    }

    /// Runs a statement that gives no rows, and makes it ready for the next values.
    package func run() throws(RegistryError) {
        defer { reset() }
        _ = try step()
    }

    /// Ends the run, which lets go of its lock, and keeps the bound values.
    package func reset() { _ = unsafe sqlite3_reset(handle) }

    package func bind(_ text: String?, at index: Int32) throws(RegistryError) {
        guard var text else { return try bindNull(at: index) }
        let code = text.withUTF8 { bytes in
            // An empty buffer may have no address, which SQLite would take for NULL.
            guard let base = bytes.baseAddress, !bytes.isEmpty else {
                return unsafe cccd_sqlite3_bind_copied_text(handle, index, "", 0)
            }
            return unsafe base.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                unsafe cccd_sqlite3_bind_copied_text(handle, index, $0, Int32(clamping: bytes.count))
            }
        }
        guard code == SQLITE_OK else { throw error(code) }
    }

    package func bind(_ number: Int?, at index: Int32) throws(RegistryError) {
        guard let number else { return try bindNull(at: index) }
        let code = unsafe sqlite3_bind_int64(handle, index, Int64(number))
        guard code == SQLITE_OK else { throw error(code) }
    }

    package func bindNull(at index: Int32) throws(RegistryError) {
        let code = unsafe sqlite3_bind_null(handle, index)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// Binds `texts`, each a range of `bytes` or nil for NULL, to the parameters from `first` on, and runs the statement.
    ///
    /// The bytes are not copied: the statement is run, and its values are let go of, before this returns.
    func run(_ bytes: Span<UInt8>, _ texts: some Sequence<Range<Int>?>, from first: Int32) throws(RegistryError) {
        let code = unsafe bytes.withUnsafeBufferPointer { buffer in
            var index = first
            for text in texts {
                let code: Int32
                if let text, !text.isEmpty, text.lowerBound >= 0, text.upperBound <= buffer.count,
                    let base = buffer.baseAddress
                {
                    code = unsafe (base + text.lowerBound).withMemoryRebound(to: CChar.self, capacity: text.count) {
                        unsafe sqlite3_bind_text(handle, index, $0, Int32(clamping: text.count), nil)
                    }
                } else {
                    code = unsafe sqlite3_bind_null(handle, index)
                }
                if code != SQLITE_OK { return code }
                index += 1
            }
            return unsafe sqlite3_step(handle)
        }
        defer {
            reset()
            _ = unsafe sqlite3_clear_bindings(handle)
        }
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw error(code) }
    }

    /// Binds `number` to the parameter before `first`, and `texts` as above, and runs the statement.
    package func run(
        _ bytes: Span<UInt8>, _ texts: [Range<Int>], from first: Int32, behind number: Int
    ) throws(RegistryError) {
        try bind(number, at: first - 1)
        try run(bytes, texts.lazy.map { .some($0) }, from: first)
    }

    /// Binds a number and bytes to the first two parameters, and runs the statement.
    func run(_ number: Int, blob: Span<UInt8>) throws(RegistryError) {
        try bind(number, at: 1)
        let code = unsafe blob.withUnsafeBufferPointer { buffer in
            let code = unsafe sqlite3_bind_blob64(handle, 2, buffer.baseAddress, UInt64(buffer.count), nil)
            return unsafe code == SQLITE_OK ? sqlite3_step(handle) : code
        }
        defer {
            reset()
            _ = unsafe sqlite3_clear_bindings(handle)
        }
        guard code == SQLITE_DONE || code == SQLITE_ROW else { throw error(code) }
    }

    /// Lends the bytes of the column's text where SQLite keeps them; nil for NULL. `body` must not step or reset.
    func withBytes<Result>(_ column: Int32, _ body: (Span<UInt8>) -> Result) -> Result? {
        // As a text SQLite would copy it, to end it with a zero.
        guard let start = unsafe sqlite3_column_blob(handle, column) else {
            return hasValue(column) ? body(Span()) : nil
        }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe body(Span(_unsafeStart: start.assumingMemoryBound(to: UInt8.self), count: count))
    }

    /// Whether the column is not NULL.
    func hasValue(_ column: Int32) -> Bool { unsafe sqlite3_column_type(handle, column) != SQLITE_NULL }

    /// The column's text; nil for NULL.
    package func text(_ column: Int32) -> String? {
        guard let start = unsafe sqlite3_column_text(handle, column) else { return nil }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// The column's bytes; nil for NULL, and for none.
    func blob(_ column: Int32) -> [UInt8]? {
        guard let start = unsafe sqlite3_column_blob(handle, column) else { return nil }
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The column's number; nil for NULL.
    package func integer(_ column: Int32) -> Int? {
        guard unsafe sqlite3_column_type(handle, column) != SQLITE_NULL else { return nil }
        return Int(unsafe sqlite3_column_int64(handle, column))
    }

    private func error(_ code: Int32) -> RegistryError {
        unsafe RegistryError(code, of: sqlite3_db_handle(handle), path: path, operation: operation)
    }
}
