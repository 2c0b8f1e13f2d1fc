import Crypto
import Foundation
import TestSupport
import Testing
import Verifier

@Suite("The trust store's file", .enabled(if: SharedVectors.arePresent, "the shared vectors are not there"))
struct TrustStoreFileTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".trust").path

    private func sample() throws -> TrustStore {
        var store = TrustStore()
        for chain in RealChain.all { try store.add(Certificate(der: chain.anchor), source: chain.name) }
        return store
    }

    @Test("what is written is what is opened")
    func roundTrip() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = try sample()
        try store.write(file: path)
        let opened = try TrustStore(file: path)
        #expect(opened.entries.map(\.fingerprint) == store.entries.map(\.fingerprint))
        #expect(opened.entries.map(\.source) == RealChain.all.map(\.name))
        #expect(opened.anchors.map(\.certificate.der) == RealChain.all.map(\.anchor))
    }

    @Test("a file with any one byte changed, or cut anywhere, is called damaged")
    func damaged() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        try sample().write(file: path)
        let good = try Data(contentsOf: URL(filePath: path))
        for place in stride(from: 0, to: good.count, by: 211) {
            var bytes = good
            bytes[place] ^= 0x10
            try bytes.write(to: URL(filePath: path))
            #expect(throws: TrustStoreError.self, "byte \(place)") { try TrustStore(file: path) }
            try good.prefix(place).write(to: URL(filePath: path))
            #expect(throws: TrustStoreError.self, "cut at \(place)") { try TrustStore(file: path) }
        }
    }

    @Test("a store that is not there, and one that cannot be written, are told")
    func unreachable() throws {
        #expect(throws: TrustStoreError.unreadable(path: path)) { try TrustStore(file: path) }
        #expect(throws: TrustStoreError.self) { try sample().write(file: "/proc/none/trust") }
    }

    @Test("an anchor that is added twice stands there once, and is gone when removed")
    func addAndRemove() throws {
        var store = try sample()
        let count = store.entries.count
        let anchor = try Certificate(der: #require(RealChain.all.first).anchor)
        #expect(try !store.add(anchor))
        #expect(store.entries.count == count)
        #expect(store.remove { $0.source == RealChain.all[0].name } == 1)
        #expect(!store.anchors.contains { $0.certificate.der == anchor.der })
        #expect(try store.add(anchor))
    }

    @Test("PEM bundles, and files that hold nothing to trust, are told apart")
    func kinds() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let blocks = RealChain.all.map {
            "-----BEGIN CERTIFICATE-----\n\(Data($0.anchor).base64EncodedString(options: .lineLength64Characters))\n"
                + "-----END CERTIFICATE-----\n"
        }
        try Data(blocks.joined().utf8).write(to: URL(filePath: path))
        #expect(try TrustStore.load([path]).0.anchors.count == 8)
        for text in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\u{30}\u{03}abc"] {
            try Data(text.utf8).write(to: URL(filePath: path))
            let (store, refusals) = try TrustStore.load([path])
            #expect(store.entries.isEmpty)
            #expect(refusals.count == 1, "\(text)")
        }
    }

    @Test("LDIF as the ICAO PKD publishes it is read, folded lines and all")
    func ldif() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        var text = "version: 1\n"
        for chain in RealChain.all {
            let base64 = Array(Data(chain.anchor).base64EncodedString())
            let lines = stride(from: 0, to: base64.count, by: 60).map {
                String(base64[$0..<min($0 + 60, base64.count)])
            }
            text += "\ndn: cn=\(chain.name),o=csca,dc=data,dc=download,dc=pkd,dc=icao,dc=int\nobjectClass: top\n"
            text += "cACertificate;binary:: " + lines.joined(separator: "\n ") + "\n"
        }
        text += "\ndn: cn=broken,o=dsc\nuserCertificate;binary:: MAMCAQA=\n"
        try Data(text.utf8).write(to: URL(filePath: path))
        let (store, refusals) = try TrustStore.load([path])
        #expect(store.anchors.count == 8)
        #expect(refusals.count == 1)
        #expect(refusals.first?.path.contains("line") == true)
    }
}
