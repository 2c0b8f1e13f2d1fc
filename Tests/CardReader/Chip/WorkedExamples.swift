import Crypto
import Document
import TestSupport

@testable import CardReader

/// The worked examples of Doc 9303-11 and of BSI TR-03110, where `../shared/vectors` stands beside the repository.
enum WorkedExamples {
    private struct Step: Decodable {
        let name: String
        let hex: String
    }

    struct Transmission: Decodable {
        let hex: String
    }

    /// One example of PACE.
    struct PACEExample: Decodable {
        let values: [String: String]
        let apdus: [Transmission]?

        /// The value of that name.
        func value(_ name: String) -> [UInt8] { Hexadecimal.bytes(values[name] ?? "") ?? [] }

        /// Commands and answers, where the example prints them; an answer without a status word is meant to succeed.
        var exchanges: [(String, String)] {
            let transmissions = (apdus ?? []).map(\.hex)
            return stride(from: 0, to: transmissions.count - 1, by: 2).map {
                let answer = transmissions[$0 + 1]
                return (transmissions[$0], answer.hasSuffix("9000") ? answer : answer + "9000")
            }
        }
    }

    private struct BACExample: Decodable {
        let values: [Step]
    }

    private struct ICAO: Decodable {
        let D_BAC: BACExample
        let F_AA_RSA1024_SHA1: PACEExample
        let G1_PACE_GM_ECDH_BP256R1: PACEExample
        let G2_PACE_GM_DH_1024_160: PACEExample
        let H1_PACE_IM_ECDH_BP256R1: PACEExample
        let H2_PACE_IM_DH_1024_160: PACEExample
        let I1_PACE_CAM_ECDH_BP256R1: PACEExample
    }

    private struct BSI: Decodable {
        let values: [String: String]
    }

    private static let icao = try? SharedVectors.json("icao9303/worked_examples.json", as: ICAO.self)
    private static let bsi = try? SharedVectors.json("bsi-tr03110/bsi_tr03110_eac_worked_examples.json", as: BSI.self)

    static var arePresent: Bool { icao != nil && bsi != nil }

    /// The values of Appendix D with that name, in order.
    static func basicAccessControl(_ name: String) -> [String] {
        icao?.D_BAC.values.filter { $0.name == name }.map(\.hex) ?? []
    }

    /// A value of Appendix F.
    static func activeAuthentication(_ name: String) -> [UInt8] { icao?.F_AA_RSA1024_SHA1.value(name) ?? [] }

    /// An appendix of Doc 9303-11: `G.1`, `G.2`, `H.1`, `H.2` or `I.1`.
    static func pace(_ appendix: String) -> PACEExample? {
        switch appendix {
        case "G.1": icao?.G1_PACE_GM_ECDH_BP256R1
        case "G.2": icao?.G2_PACE_GM_DH_1024_160
        case "H.1": icao?.H1_PACE_IM_ECDH_BP256R1
        case "H.2": icao?.H2_PACE_IM_DH_1024_160
        case "I.1": icao?.I1_PACE_CAM_ECDH_BP256R1
        default: nil
        }
    }

    /// A value of BSI's worked example for extended access control.
    static func bsi(_ name: String) -> [UInt8] { Hexadecimal.bytes(bsi?.values[name] ?? "") ?? [] }
}

/// Randomness that gives what a worked example prints; scalars are private keys in every kind of group.
func scripted(bytes: [[UInt8]] = [], scalars: [[UInt8]] = []) -> Randomness {
    let source = Script(bytes: bytes, scalars: scalars)
    return Randomness(
        bytes: { (_) throws(CryptoError) in try source.nextBytes() },
        scalar: { (_) throws(CryptoError) in SecretBytes(try source.nextScalar()) },
        exponent: { (_) throws(CryptoError) in SecretBytes(try source.nextScalar()) })
}

private final class Script: @unchecked Sendable {
    private var bytes: [[UInt8]]
    private var scalars: [[UInt8]]

    init(bytes: [[UInt8]], scalars: [[UInt8]]) {
        self.bytes = bytes
        self.scalars = scalars
    }

    func nextBytes() throws(CryptoError) -> [UInt8] {
        guard !bytes.isEmpty else { throw .failed(operation: "script", detail: "no bytes left") }
        return bytes.removeFirst()
    }

    func nextScalar() throws(CryptoError) -> [UInt8] {
        guard !scalars.isEmpty else { throw .failed(operation: "script", detail: "no scalars left") }
        return scalars.removeFirst()
    }
}
