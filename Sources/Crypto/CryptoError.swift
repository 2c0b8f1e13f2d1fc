import COpenSSL

/// Why a cryptographic operation gave no result.
///
/// "The signature does not match" is a result, not an error: verification answers `false` for it.
public enum CryptoError: Error, Equatable, Sendable {
    /// This OpenSSL, or this project by its own rules, does not offer the named algorithm or curve.
    case unsupported(String)
    /// The bytes are no key of the kind asked for, or one that must not be used; the text says why.
    case invalidKey(String)
    /// The bytes are no point of the curve, or the point at infinity; the text says which.
    case invalidPoint(String)
    /// The bytes are no certificate or revocation list; the text says why.
    case invalidCertificate(String)
    /// An argument has a length that the algorithm cannot take; the text names it.
    case invalidLength(String)
    /// OpenSSL failed at `operation`; `detail` is the text of its error queue.
    case failed(operation: String, detail: String)
}

extension CryptoError: CustomStringConvertible {
    /// One sentence in English.
    public var description: String {
        switch self {
        case .unsupported(let name): "\(name) is not supported"
        case .invalidKey(let reason): "not a usable key: \(reason)"
        case .invalidPoint(let reason): "not a usable curve point: \(reason)"
        case .invalidCertificate(let reason): "not a certificate: \(reason)"
        case .invalidLength(let reason): "wrong length: \(reason)"
        case .failed(let operation, let detail):
            detail.isEmpty ? "OpenSSL failed at \(operation)" : "OpenSSL failed at \(operation): \(detail)"
        }
    }
}

extension CryptoError {
    /// The failure of `operation` with what stands in this thread's error queue, which is emptied.
    static func fromQueue(_ operation: String) -> CryptoError {
        .failed(operation: operation, detail: drainedQueue())
    }

    /// Empties this thread's error queue and returns its texts, oldest first.
    @discardableResult
    static func drainedQueue() -> String {
        var texts: [String] = []
        while case let code = ERR_get_error(), code != 0 {
            guard texts.count < 8 else { continue }
            var buffer = [CChar](repeating: 0, count: 256)
            unsafe ERR_error_string_n(code, &buffer, buffer.count)
            texts.append(String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
        }
        return texts.joined(separator: "; ")
    }
}
