import Crypto
import Document

/// What kept the Simulator from making or serving a card.
///
/// What a virtual card answers to a wrong command is no error of this kind: it is a status word.
public enum SimulatorError: Error, Equatable, Sendable {
    /// A key, a digest or a signature could not be made.
    case crypto(CryptoError)
    /// A value that was to be written into a document breaks the document's rules.
    case document(DocumentError)
    /// The combination asked for has no encoding: `what` names it.
    case unsupported(what: String)
    /// The text names no fault that a virtual card can have.
    case fault(text: String, reason: String)
    /// The file at `path` could not be read or written.
    case file(path: String, reason: String)
    /// No virtual reader took the connection at `host` and `port` before the time was over; `reason` tells the last attempt.
    case noVirtualReader(host: String, port: UInt16, reason: String)
    /// The virtual reader closed the connection: its daemon stopped.
    case readerGone
    /// A system call failed on the connection to the virtual reader.
    case system(call: String, reason: String)
}

extension SimulatorError: CustomStringConvertible {
    /// One sentence in English: what happened, on what, and what to do.
    public var description: String {
        switch self {
        case .crypto(let error): "cryptography failed: \(error)"
        case .document(let error): "the card cannot be written: \(error)"
        case .unsupported(let what): "\(what) cannot be encoded"
        case .fault(let text, let reason): "“\(text)” is no fault: \(reason); `cccd simulate card --help` lists them"
        case .file(let path, let reason): "\(path): \(reason)"
        case .noVirtualReader(let host, let port, let reason):
            "no virtual reader listens at \(host):\(port) (\(reason)); start pcscd with vsmartcard-vpcd installed"
        case .readerGone: "the virtual reader closed the connection; start pcscd again"
        case .system(let call, let reason): "\(call): \(reason)"
        }
    }
}

/// Runs `body` and turns the errors of the parts below into the Simulator's own.
func mapping<Result>(_ body: () throws(CryptoError) -> Result) throws(SimulatorError) -> Result {
    do throws(CryptoError) { return try body() } catch { throw .crypto(error) }
}
