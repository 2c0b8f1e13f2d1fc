import COpenSSL

/// What a `d2i` function of OpenSSL reads from the whole of `der`; nil when it reads nothing or leaves bytes over.
func decoded(
    _ der: [UInt8],
    _ read: (UnsafeMutablePointer<UnsafePointer<UInt8>?>?, Int) -> OpaquePointer?,
    free: (OpaquePointer?) -> Void
) -> OpaquePointer? {
    unsafe der.withUnsafeBufferPointer { buffer in
        var cursor = buffer.baseAddress
        guard let value = unsafe read(&cursor, buffer.count) else { return nil }
        if unsafe cursor == buffer.baseAddress.map({ unsafe $0 + buffer.count }) { return unsafe value }
        unsafe free(value)
        return nil
    }
}

/// What an `i2d` function of OpenSSL writes, asked first for its length.
func encoded(
    _ what: String, _ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) throws(CryptoError) -> [UInt8] {
    let count = write(nil)
    guard count > 0 else { throw .fromQueue(what) }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    let written = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
        var cursor = buffer.baseAddress
        return unsafe write(&cursor)
    }
    guard written == count else { throw .fromQueue(what) }
    return bytes
}

/// An object identifier in dotted decimal; empty when there is none.
func dottedDecimal(_ object: OpaquePointer?) -> String {
    var text = [CChar](repeating: 0, count: 128)
    guard let object = unsafe object, unsafe OBJ_obj2txt(&text, Int32(text.count), object, 1) > 0 else { return "" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}

extension Array where Element == UInt8 {
    /// The content of an ASN.1 string.
    init(contentOf string: UnsafePointer<ASN1_STRING>?) {
        unsafe self.init(
            UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string))))
    }
}
