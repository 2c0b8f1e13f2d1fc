/// Why this terminal's key cannot be used, or a statement is not one that a terminal signed.
public enum TerminalError: Error, Equatable, Sendable {
    /// The file at `path` cannot be read, written or used.
    case unusableFile(path: String, reason: String)
    /// The certificate at `path` is not one of the key.
    case foreignCertificate(path: String)
    /// The cryptography failed.
    case cryptography(String)
    /// The text is no signed statement of the kind expected.
    case malformedStatement(String)
    /// The signature is not by the key of the certificate that comes with it.
    case wrongSignature
}

extension TerminalError: CustomStringConvertible {
    /// One sentence in English.
    public var description: String {
        switch self {
        case .unusableFile(let path, let reason): "the terminal's file \(path) cannot be used: \(reason)"
        case .foreignCertificate(let path):
            "the certificate \(path) is not one of the terminal's key; put the one there that was issued for it"
        case .cryptography(let reason): "the terminal's key cannot be used: \(reason)"
        case .malformedStatement(let reason): "this is no statement that a terminal signed: \(reason)"
        case .wrongSignature: "the signature is not by the terminal whose certificate comes with it; do not trust it"
        }
    }
}
