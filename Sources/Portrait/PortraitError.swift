import Document

/// Why there is no portrait to show.
public enum PortraitError: Error, Equatable, Sendable {
    /// DG2 cannot be read: it is malformed, or holds an image of no known kind.
    case invalidDataGroup(DocumentError)
    /// The bytes are neither JPEG nor JPEG 2000.
    case unknownFormat
    /// The image, or the picture in it, is larger than `PortraitLimits` allows.
    case tooLarge
    /// The image breaks the rules of its format, or ends too early.
    case damaged
    /// The image is of a kind that no portrait of a document needs: a palette, four inks, arithmetic coding.
    case unsupported
    /// The picture needs more memory than it may have.
    case outOfMemory
    /// The decoder's process ran longer than it may.
    case timedOut
    /// The decoder's process was ended by a signal: it crashed, used up its processor time, or made a system call that it may
    /// not make.
    case killed(signal: Int32)
    /// The decoder's process could not be started, or could not put itself behind its limits.
    case notStarted(reason: String)
    /// The decoder's process gave something that is no picture, or more than it may.
    case invalidAnswer
}

extension PortraitError: CustomStringConvertible {
    /// One sentence in English: what happened, and what to do where something can be done.
    public var description: String {
        switch self {
        case .invalidDataGroup(let error): "DG2 gives no portrait: \(error)."
        case .unknownFormat: "The portrait is neither JPEG nor JPEG 2000."
        case .tooLarge:
            "The portrait is too large: at most \(PortraitLimits.side) × \(PortraitLimits.side) pixels are shown."
        case .damaged: "The portrait is damaged; read the card again, or compare the printed photograph."
        case .unsupported: "The portrait is in a form of JPEG or JPEG 2000 that is not supported."
        case .outOfMemory: "The portrait needs more memory to be shown than it may have."
        case .timedOut: "The portrait took too long to decode and was given up."
        case .killed(let signal):
            "The portrait made its decoder fail (signal \(signal)); it was contained, and is not shown."
        case .notStarted(let reason): "The decoder of portraits could not be started: \(reason)."
        case .invalidAnswer: "The decoder of portraits gave something that is no picture; it is not shown."
        }
    }
}

extension PortraitError {
    /// The cases that the decoder itself finds, as the exit status of its process.
    private static let statuses: [(status: Int32, error: PortraitError)] = [
        (10, .unknownFormat), (11, .tooLarge), (12, .damaged), (13, .unsupported), (14, .outOfMemory),
        (15, .notStarted(reason: "it could not put itself behind its limits")),
    ]

    /// The exit status that tells the process that asked.
    var exitStatus: Int32 { Self.statuses.first { $0.error == self }?.status ?? 12 }

    /// The case that the decoder's process ended with; nil for a status that it does not give.
    init?(exitStatus: Int32) {
        guard let error = Self.statuses.first(where: { $0.status == exitStatus })?.error else { return nil }
        self = error
    }
}
