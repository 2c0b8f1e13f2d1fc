import Crypto
import Document
import FoundationEssentials

@testable import CardReader

/// The worked examples of Doc 9303-11, where `../shared/vectors` stands beside the repository.
enum WorkedExamples {
    private struct Step: Decodable {
        let name: String
        let hex: String
    }

    private struct Transmission: Decodable {
        let dir: String
        let hex: String
    }

    private struct PACEExample: Decodable {
        let values: [String: String]
        let apdus: [Transmission]
    }

    private struct BACExample: Decodable {
        let values: [Step]
    }

    private struct Document: Decodable {
        let D_BAC: BACExample
        let G1_PACE_GM_ECDH_BP256R1: PACEExample
    }

    private static let document: Document? = {
        var path = URL(filePath: #filePath)
        for _ in 0..<4 { path.deleteLastPathComponent() }
        let file = path.deletingLastPathComponent().appending(path: "shared/vectors/icao9303/worked_examples.json")
        guard let data = try? Data(contentsOf: file) else { return nil }
        return try? JSONDecoder().decode(Document.self, from: data)
    }()

    static var arePresent: Bool { document != nil }

    /// The values of Appendix D with that name, in order.
    static func basicAccessControl(_ name: String) -> [String] {
        document?.D_BAC.values.filter { $0.name == name }.map(\.hex) ?? []
    }

    static func genericMapping(_ name: String) -> String { document?.G1_PACE_GM_ECDH_BP256R1.values[name] ?? "" }

    static var genericMappingExchanges: [(String, String)] {
        let transmissions = document?.G1_PACE_GM_ECDH_BP256R1.apdus.map(\.hex) ?? []
        return stride(from: 0, to: transmissions.count - 1, by: 2).map { (transmissions[$0], transmissions[$0 + 1]) }
    }
}

/// Randomness that gives what a worked example prints.
func scripted(bytes: [[UInt8]] = [], scalars: [[UInt8]] = []) -> Randomness {
    let source = Script(bytes: bytes, scalars: scalars)
    return Randomness(
        bytes: { (_) throws(CryptoError) in try source.nextBytes() },
        scalar: { (_) throws(CryptoError) in SecretBytes(try source.nextScalar()) })
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
