import Crypto
import Document

/// Active authentication (Doc 9303-11, 6.1): the chip signs a challenge with the private key to the public one in DG15.
struct ActiveAuthentication {
    let session: ChipSession
    let randomness: Randomness
    /// The longest answer with extended length fields, which signatures of long RSA keys need; nil where they do not
    /// work.
    let extendedAnswerLimit: Int?

    private static let challengeByteCount = 8
    /// The signature of an RSA key of 8192 bits.
    private static let longestSignature = 1024

    /// Asks for a signature. Whether the session goes on is told with it.
    func run() throws(CardReaderError) -> (proof: ChipProof<ActiveAuthenticationTranscript>, sessionGoesOn: Bool) {
        let challenge = try cryptography { () throws(CryptoError) in try randomness.bytes(Self.challengeByteCount) }
        let answer: ResponseAPDU
        do throws(CardReaderError) {
            answer = try session.send(
                CommandAPDU(
                    instruction: 0x88, parameter1: 0, parameter2: 0, data: challenge,
                    expectedCount: extendedAnswerLimit.map { min($0, Self.longestSignature) }
                        ?? CommandAPDU.shortExpectedLimit))
        } catch {
            guard case .secureMessaging(.ended(let status)) = error else { throw error }
            return (.refused(status: status.rawValue, command: "INTERNAL AUTHENTICATE"), false)
        }
        guard answer.status == .success else {
            return (.refused(status: answer.status.rawValue, command: "INTERNAL AUTHENTICATE"), true)
        }
        return (.answered(ActiveAuthenticationTranscript(challenge: challenge, signature: answer.data)), true)
    }
}
