import Crypto
import Document

/// Terminal authentication (Doc 9303-11, 7.1; version 1 of BSI TR-03110): the terminal shows its certificates and signs a
/// challenge, bound to this chip and to the session keys.
public struct TerminalAuthentication {
    /// What became of it.
    public enum Outcome: Hashable, Sendable {
        /// Nobody asked for it: no credentials were given, or no file that needs them was wanted.
        case notAsked
        /// The chip knows the terminal, and shows what its certificates give the right to.
        case succeeded
        /// It could not be run; the text says why.
        case notPossible(String)
        /// The chip refused the command named.
        case refused(StatusWord, command: String)
    }

    let session: ChipSession
    let credentials: TerminalCredentials
    /// ID_IC and Comp(PK_DH,IFD) of this session.
    let chipIdentifier: [UInt8]
    let terminalIdentifier: [UInt8]

    private static let challengeByteCount = 8
    /// The longest EF.CVCA: two references of 16 characters.
    private static let trustFileByteCount = 36

    /// Runs the protocol; the session must have its keys from chip authentication or chip authentication mapping.
    ///
    /// - Parameter authorities: The references of the keys that the chip trusts, where PACE told; otherwise EF.CVCA does.
    func run(authorities: [[UInt8]]) throws(CardReaderError) -> Outcome {
        let trusted = authorities.isEmpty ? try trustedAuthorities() : authorities
        guard let chain = credentials.chain(from: trusted) else {
            return .notPossible("no chain of certificates leads to one that the chip trusts")
        }
        for certificate in chain {
            if let refusal = try send(
                "MSE:Set DST", 0x22, 0x81, 0xB6, TLVEncoder.element(0x83, certificate.authorityReference))
            {
                return refusal
            }
            let data = certificate.body + certificate.signature
            guard data.count <= Self.longestShortData || session.channel.allowsExtendedLength else {
                return .notPossible("the certificates are too long for this reader")
            }
            if let refusal = try send("PSO:Verify Certificate", 0x2A, 0x00, 0xBE, data) { return refusal }
        }
        let reference = TLVEncoder.element(0x83, credentials.terminal.holderReference)
        if let refusal = try send("MSE:Set AT", 0x22, 0x81, 0xA4, reference) { return refusal }
        let challenge = try session.send(
            CommandAPDU(
                instruction: 0x84, parameter1: 0, parameter2: 0, expectedCount: Self.challengeByteCount))
        guard challenge.status == .success, challenge.data.count == Self.challengeByteCount else {
            return .refused(challenge.status, command: "GET CHALLENGE")
        }
        let signature = try credentials.sign(chipIdentifier + challenge.data + terminalIdentifier)
        return try send("EXTERNAL AUTHENTICATE", 0x82, 0x00, 0x00, signature) ?? .succeeded
    }

    /// Data that a short command holds when it is protected.
    private static let longestShortData = 220

    private func send(
        _ name: String, _ instruction: UInt8, _ parameter1: UInt8, _ parameter2: UInt8, _ data: [UInt8]
    ) throws(CardReaderError) -> Outcome? {
        let answer = try session.send(
            CommandAPDU(instruction: instruction, parameter1: parameter1, parameter2: parameter2, data: data))
        return answer.status == .success ? nil : .refused(answer.status, command: name)
    }

    /// EF.CVCA (BSI TR-03110-3, A.1.2): one or two references; none when the chip has no such file.
    private func trustedAuthorities() throws(CardReaderError) -> [[UInt8]] {
        let selected = try session.send(
            CommandAPDU(instruction: 0xA4, parameter1: 0x02, parameter2: 0x0C, data: [0x01, 0x1C]))
        guard selected.status == .success else { return [] }
        let answer = try session.send(.readBinary(offset: 0, count: Self.trustFileByteCount))
        guard answer.isReading else { return [] }
        var cursor = TLVCursor(answer.data.span)
        var authorities: [[UInt8]] = []
        // Zeros fill the file up.
        while !cursor.isAtEnd, let element = try? cursor.next(0x42) {
            authorities.append(cursor.copy(element.content))
        }
        return authorities
    }
}
