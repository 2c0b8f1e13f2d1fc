import Crypto
import Document
import FoundationEssentials
import TestSupport
import Verifier

/// A real EF.SOD with the CSCA certificate that its signer chains to.
struct RealChain: Sendable, CustomStringConvertible {
    let name: String
    let securityObject: [UInt8]
    let anchor: [UInt8]

    var description: String { name }

    static let all: [RealChain] = SharedVectors.names(in: "chains", suffix: ".sod").compactMap { file in
        let name = String(file.dropLast(4))
        guard let securityObject = try? SharedVectors.bytes("chains/\(file)"),
            let anchor = try? SharedVectors.bytes("chains/\(name).csca.cer")
        else { return nil }
        return RealChain(name: name, securityObject: securityObject, anchor: anchor)
    }

    /// All eight signers and their CSCAs were valid on this day.
    static let date = (try? Date("2024-06-01T12:00:00Z", strategy: .iso8601)) ?? .distantPast

    /// The verdict on `bytes` as the only file of a card, with `anchors` as the only trust.
    static func verdict(_ bytes: [UInt8], anchors: [[UInt8]]) throws -> Verdict {
        var trust = TrustStore()
        for anchor in anchors { try trust.add(Certificate(der: anchor)) }
        return CardVerifier(trust: trust).verify(Evidence(image: CardImage(files: [.sod: bytes]), date: date))
    }
}
