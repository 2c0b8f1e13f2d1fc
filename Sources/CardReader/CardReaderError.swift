import Crypto
import Document

/// Why a chip could not be read. Every case is something a caller can act on; causes below carry PC/SC's or the chip's
/// code.
public indirect enum CardReaderError: Error, Equatable, Sendable {
    // The machine and its readers.

    /// The PC/SC daemon is not running, or ended while it was used.
    case serviceUnavailable(code: PCSCCode)
    /// No reader is plugged in.
    case noReader
    /// The reader named was unplugged, or never there.
    case readerUnavailable(reader: String, code: PCSCCode)
    /// Another program keeps the reader for itself.
    case readerInUse(reader: String)
    /// The reader, its driver or the PC/SC daemon failed in another way in the call named.
    case readerFailure(call: String, code: PCSCCode)
    /// Waiting was ended by `cancel()` or `stop()`.
    case cancelled

    // The card in the reader.

    /// The reader is empty.
    case noCard(reader: String)
    /// The card was taken away while it was being read.
    case cardRemoved(code: PCSCCode? = nil)
    /// Another program reset the card, or it lost power, while it was being read.
    case cardReset(code: PCSCCode? = nil)
    /// There is a card, and it does not answer.
    case cardMute(code: PCSCCode? = nil)
    /// The time limit passed before the read was done.
    case timeLimitExceeded
    /// A read that had come to something was broken by `cause`. When the same card comes back it goes on from there, with
    /// `ReadRequest.resuming`.
    case interrupted(PartialRead, cause: CardReaderError)
    /// Another card answers than the one that the read began with: its EF.SOD is another, or cannot be read.
    case differentCard
    /// The card does not hold the ICAO application: not an identity card, or lying the wrong way.
    case applicationNotFound(StatusWord)

    // Access.

    /// The chip refused the key, or the keys, by the methods tried.
    case wrongKey([AccessAttempt])
    /// The chip does not open to the kind of key that was given.
    case keyNotUsable(key: AccessKey.Kind, reason: String)
    /// The text given as a key breaks the rules for such a key.
    case invalidKey(reason: String)
    /// The certificates and the private key for terminal authentication cannot be used; the text says why.
    case terminalCredentials(String)
    /// The chip broke the rules of the access protocol: it, or something between, is not what it claims to be.
    case protocolViolation(step: String, reason: String)

    // The conversation.

    /// An answer under secure messaging was not protected as it must be; nothing in it is to be believed.
    case secureMessaging(SecureMessagingFault)
    /// The chip answered the command named with a status word that ends the conversation.
    case unexpectedStatus(StatusWord, command: String)
    /// The chip's answer is not one that the command allows.
    case invalidAnswer(String)
    /// A command that cannot be encoded was asked for.
    case invalidCommand(String)
    /// OpenSSL refused a computation.
    case cryptography(CryptoError)
}

/// What is wrong with an answer that should be protected (Doc 9303-11, 9.8).
public enum SecureMessagingFault: Error, Hashable, Sendable {
    /// The chip ended secure messaging and answered in the clear with this status word, without data.
    case ended(StatusWord)
    /// The answer carries data in the clear.
    case unprotectedData
    /// The protecting data objects are not well formed, out of order, repeated or unknown.
    case malformed
    /// DO'8E', the cryptographic checksum, is absent.
    case checksumMissing
    /// DO'8E' is not the checksum of this answer at this place in the conversation.
    case checksumWrong
    /// DO'99', the protected status word, is absent.
    case statusMissing
    /// DO'99' differs from the status word that follows the answer.
    case statusDiffers
    /// DO'87' announces another padding than the standard's.
    case paddingIndicatorWrong
    /// The decrypted data does not end in valid padding, or is not made of whole blocks.
    case paddingWrong
    /// The session is over, and no command may be sent before access was established again.
    case sessionOver
}

extension CardReaderError: CustomStringConvertible {
    /// One sentence: what happened, on what, and what to do.
    public var description: String {
        switch self {
        case .serviceUnavailable(let code):
            "The smart card service pcscd is not running (\(code)): start it with `systemctl start pcscd.socket`."
        case .noReader: "No card reader is plugged in: plug one in, and check that its driver is installed."
        case .readerUnavailable(let reader, let code):
            "The reader “\(reader)” is not there (\(code)): plug it in again, or choose another."
        case .readerInUse(let reader): "Another program is using the reader “\(reader)”: close it, then try again."
        case .readerFailure(let call, let code):
            "The reader failed in \(call) (\(code)): "
                + "lay the card on again; if it happens again, plug the reader in again."
        case .cancelled: "Waiting for a card was stopped."
        case .noCard(let reader): "There is no card in the reader “\(reader)”: lay one on."
        case .cardRemoved(let code):
            "The card was taken away while it was being read\(Self.suffix(code)): leave it on the reader until the end."
        case .cardReset(let code):
            "The card was reset while it was being read\(Self.suffix(code)): leave it still, and try again."
        case .cardMute(let code):
            "The card does not answer\(Self.suffix(code)): lay it on again, with its chip on the reader."
        case .timeLimitExceeded: "The card was not read within the time limit: lay it on again, still and close."
        case .interrupted(_, let cause):
            cause.description + " What was read so far is kept: with the same card the read goes on where it stopped."
        case .differentCard:
            "Another card lies on the reader than the one that the read began with: "
                + "lay one card alone on the reader, and read it anew."
        case .applicationNotFound(let status):
            "The card has no ICAO identity application (\(status)): check that it is a chip identity card."
        case .wrongKey(let attempts):
            "The card refused the key (\(attempts.map(\.description).joined(separator: "; "))): "
                + "compare the number or the fields with those printed on the card."
        case .keyNotUsable(let key, let reason): "The card cannot be opened with \(key): \(reason)."
        case .invalidKey(let reason): "The key to the card is not valid: \(reason)."
        case .terminalCredentials(let reason):
            "The credentials for reading fingerprints are of no use, \(reason): install those that the State issued."
        case .protocolViolation(let step, let reason):
            "The chip broke the protocol in \(step), \(reason): "
                + "do not trust this card, and check what is laid on the reader."
        case .secureMessaging(let fault):
            "The protected conversation with the chip was broken (\(fault)): "
                + "try again; if it happens again, do not trust the card."
        case .unexpectedStatus(let status, let command):
            "The chip answered \(command) with \(status): "
                + "lay the card on again; if it happens again, it may be defective."
        case .invalidAnswer(let reason): "The chip's answer makes no sense (\(reason)): lay the card on again."
        case .invalidCommand(let reason):
            "No command can be built for this (\(reason)): report it as an error of this program."
        case .cryptography(let error):
            "A cryptographic computation failed (\(error)): the card or its data may be defective."
        }
    }

    private static func suffix(_ code: PCSCCode?) -> String { code.map { " (\($0))" } ?? "" }
}

extension SecureMessagingFault: CustomStringConvertible {
    /// What is wrong, as a clause.
    public var description: String {
        switch self {
        case .ended(let status): "the chip ended it with \(status)"
        case .unprotectedData: "data without protection"
        case .malformed: "malformed protection"
        case .checksumMissing: "no checksum"
        case .checksumWrong: "wrong checksum"
        case .statusMissing: "no protected status word"
        case .statusDiffers: "the protected status word differs from the one outside"
        case .paddingIndicatorWrong: "wrong padding indicator"
        case .paddingWrong: "wrong padding"
        case .sessionOver: "it is over"
        }
    }
}

/// Runs `body` and turns OpenSSL's refusal into an error of this part.
func cryptography<Result>(_ body: () throws(CryptoError) -> Result) throws(CardReaderError) -> Result {
    do { return try body() } catch { throw .cryptography(error) }
}

extension CardReaderError {
    /// What broke the read, whether or not it can go on.
    public var cause: CardReaderError {
        if case .interrupted(_, let cause) = self { cause } else { self }
    }

    /// Whether the same card may come back and be read on: it went away, or what is between stopped working.
    var leavesCardAsItWas: Bool {
        switch self {
        case .cardRemoved, .cardReset, .cardMute, .timeLimitExceeded, .readerFailure, .readerUnavailable,
            .serviceUnavailable:
            true
        default: false
        }
    }
}
