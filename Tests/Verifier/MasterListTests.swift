import Crypto
import Document
import Foundation
import TestSupport
import Testing
import Verifier

@Suite("Published master lists", .enabled(if: SharedVectors.arePresent, "the shared vectors are not there"))
struct MasterListTests {
    static let german = "DE_ML_2026-05-28-08-28-45.ml"
    static let icao = "ICAO_ml_September2023.ml"

    private static func path(_ name: String) -> String {
        SharedVectors.folder.appending(path: "masterlist/\(name)").path
    }

    private static func imported(_ names: String...) throws -> TrustImport {
        var intake = TrustImport(into: TrustStore())
        for name in names { try intake.take(file: path(name)) }
        intake.finish()
        return intake
    }

    @Test("both come in whole", arguments: [(german, 588, "C=DE"), (icao, 394, "C=UN")])
    func whole(_ name: String, _ count: Int, _ signer: String) throws {
        let intake = try Self.imported(name)
        let certificates = intake.items.filter { $0.kind == "CSCA" }
        #expect(certificates.count == count)
        #expect(certificates.allSatisfy { $0.result == .added })
        #expect(intake.store.anchors.count == count)
        let list = try #require(intake.items.first { $0.kind == "master list" })
        #expect(list.name.contains(signer))
    }

    @Test("the second adds what the first did not have, and no certificate stands twice")
    func both() throws {
        let intake = try Self.imported(Self.german, Self.icao)
        #expect(intake.items.count { $0.kind == "CSCA" } == 588 + 394)
        let fingerprints = intake.store.entries.map(\.fingerprint)
        #expect(Set(fingerprints).count == fingerprints.count)
        #expect(intake.items.count { $0.result == .alreadyThere } == 588 + 394 - fingerprints.count)
        #expect(!intake.items.contains { if case .refused = $0.result { true } else { false } })
    }

    @Test("the Vietnamese certificate is found, and its explicit parameters are those of brainpoolP512r1")
    func vietnam() throws {
        let intake = try Self.imported(Self.german)
        let items = intake.items.filter { $0.country == "VN" }
        #expect(items.map(\.key) == ["brainpoolP512r1"])
        let certificate = try Certificate(der: SharedVectors.bytes("masterlist/csca_vn_6b5fa6fe45cc.cer"))
        let anchor = try #require(intake.store.anchors.first { $0.certificate.der == certificate.der })
        #expect(anchor.key.kind == .ec(.brainpoolP512r1))
        #expect(anchor.key.hasExplicitParameters)
    }

    @Test("every real chain whose CSCA is listed verifies against both lists, and its anchor is that CSCA's key")
    func chains() throws {
        let store = try Self.imported(Self.german, Self.icao).store
        var listed = 0
        for chain in RealChain.all {
            let anchor = try Certificate(der: chain.anchor)
            let isListed = try store.anchors.contains {
                try $0.key.subjectPublicKeyInfo == anchor.publicKey().subjectPublicKeyInfo
            }
            let image = CardImage(files: [.sod: chain.securityObject])
            let verdict = CardVerifier(trust: store).verify(Evidence(image: image, date: RealChain.date))
            #expect((verdict.check(.signerChain)?.result == .passed) == isListed, "\(chain)")
            listed += isListed ? 1 : 0
        }
        #expect(listed >= 6)
    }

    @Test("a list with one byte changed is refused whole", arguments: [german, icao])
    func changed(_ name: String) throws {
        let good = try SharedVectors.bytes("masterlist/\(name)")
        let list = try MasterList(good)
        let middle = try #require(list.certificates.dropFirst(100).first).lowerBound + 300
        let signature = try #require(list.signedData.signers.first).signature.lowerBound + 9
        for place in [middle, signature] {
            var bytes = good
            bytes[place] ^= 0x01
            let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".ml")
            defer { try? FileManager.default.removeItem(at: file) }
            try Data(bytes).write(to: file)
            var intake = TrustImport(into: TrustStore())
            try intake.take(file: file.path)
            #expect(intake.store.entries.isEmpty)
            #expect(intake.items.count == 1)
        }
    }
}
