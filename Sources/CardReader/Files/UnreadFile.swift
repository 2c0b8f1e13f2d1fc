import Document

/// A file that was asked for or that EF.COM lists, and that was not read.
public struct UnreadFile: Hashable, Sendable {
    /// Why a file was not read.
    public enum Reason: Hashable, Sendable {
        /// The chip does not have it.
        case notPresent(StatusWord)
        /// The chip does not show it to this terminal.
        case accessDenied(StatusWord)
        /// Fingerprints and irises are shown to terminals alone that hold the State's rights (Doc 9303-11, 7.1).
        case needsTerminalAuthentication
        /// The chip answered with another error.
        case refused(StatusWord)
        /// The chip ended secure messaging over it, twice.
        case endedSecureMessaging(StatusWord)
        /// It does not begin with its tag and a length.
        case malformed
        /// It announces so many bytes, more than the 65 536 that are read.
        case tooLong(announced: Int)
        /// It announces more bytes than the chip gives.
        case truncated(announced: Int, received: Int)
    }

    /// The file.
    public let file: ElementaryFile
    /// Why it was not read.
    public let reason: Reason
}

extension UnreadFile.Reason: CustomStringConvertible {
    /// The reason as a clause.
    public var description: String {
        switch self {
        case .notPresent(let status): "the chip does not have it (\(status))"
        case .accessDenied(let status): "the chip does not show it (\(status))"
        case .needsTerminalAuthentication: "it needs terminal authentication"
        case .refused(let status): "the chip refused with \(status)"
        case .endedSecureMessaging(let status): "the chip ended secure messaging with \(status)"
        case .malformed: "it does not begin with its tag and a length"
        case .tooLong(let announced): "it announces \(announced) bytes, more than are read"
        case .truncated(let announced, let received): "it announces \(announced) bytes and has \(received)"
        }
    }
}

extension UnreadFile: CustomStringConvertible {
    /// The file and the reason: `EF.DG3: it needs terminal authentication`.
    public var description: String { "\(file): \(reason)" }
}
