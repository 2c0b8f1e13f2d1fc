import Foundation
import Simulator
import TestSupport
import Testing

@Suite("cccd trust import, list, show and remove")
struct TrustCommandTests {
    private let folder: TemporaryFolder
    private let store: String

    init() throws {
        folder = try TemporaryFolder()
        store = folder.path("trust.store")
    }

    /// What `trust import --json` prints.
    private struct Report: Decodable {
        struct Entry: Decodable {
            let source: String
            let kind: String
            let name: String
            let result: String
            let reason: String?
        }

        let found: Int
        let added: Int
        let alreadyThere: Int
        let refused: Int
        let byCountry: [String: Int]
        let byKey: [String: Int]
        let entries: [Entry]
    }

    /// What `trust list --json` prints of an entry.
    private struct Row: Decodable {
        let kind: String
        let fingerprint: String
        let name: String
        let source: String
    }

    private func take(_ inputs: String...) throws -> (status: Int32, report: Report) {
        let words = [try CommandLineTool.path, "trust", "import", "--json", "--store", store] + inputs
        let result = try ShellCommand.run(words)
        return (result.status, try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)))
    }

    private func list() throws -> [Row] {
        let result = try CommandLineTool.run("trust", "list", "--json", "--store", store)
        #expect(result.status == 0, "\(result.errors)")
        return try JSONDecoder().decode([Row].self, from: Data(result.output.utf8))
    }

    private static func pem(_ certificates: [[UInt8]]) -> [UInt8] {
        let blocks = certificates.map {
            "-----BEGIN CERTIFICATE-----\n\(Data($0).base64EncodedString(options: .lineLength64Characters))\n"
                + "-----END CERTIFICATE-----\n"
        }
        return Array(blocks.joined().utf8)
    }

    /// Certificates of CSCAs with names of their own.
    private static func anchors(_ count: Int) throws -> [[UInt8]] {
        try (0..<count).map { number in
            var options = TestPKI.Options()
            options.countrySignerName = "Test CSCA \(number)"
            return try TestPKI(options).countrySigner.certificate
        }
    }

    @Test("takes certificates in DER and PEM and folders of them, tells each entry, and a second time adds none")
    func kinds() throws {
        let anchors = try Self.anchors(3)
        let single = try folder.write(anchors[0], to: "first.cer")
        let bundle = try folder.write(Self.pem(Array(anchors[1...])), to: "bundle.pem")
        let first = try take(single, bundle)
        #expect(first.status == 0)
        #expect(first.report.found == 3 && first.report.added == 3)
        #expect(first.report.byCountry == ["VN": 3] && first.report.byKey == ["brainpoolP384r1": 3])
        #expect(first.report.entries.map(\.source).sorted() == ["bundle.pem #1", "bundle.pem #2", "first.cer"])
        let again = try take(folder.path)
        #expect(again.status == 0)
        #expect(again.report.added == 0)
        #expect(try list().map(\.name).sorted() == first.report.entries.map(\.name).sorted())
    }

    @Test("refuses what may not be trusted with its reason, and takes in the rest all the same")
    func refusals() throws {
        let state = try TestState.shared.state
        let anchor = try folder.write(state.countrySigner.certificate, to: "csca.cer")
        let signer = try folder.write(state.documentSigner.certificate, to: "signer.cer")
        let nonsense = try folder.write(Array("This is no certificate.".utf8), to: "nonsense.cer")
        let result = try take(signer, nonsense, anchor)
        #expect(result.status == 1)
        #expect(result.report.added == 1 && result.report.refused == 2)
        for entry in result.report.entries where entry.result == "refused" {
            #expect(entry.reason?.isEmpty == false, "\(entry.source)")
        }
        #expect(try list().map(\.kind) == ["CSCA"])
        let nothing = try CommandLineTool.run("trust", "import", "--store", store, folder.path("absent.cer"))
        #expect(nothing.status == 2)
        #expect(nothing.errors.contains("absent.cer"))
    }

    @Test("shows an entry by the beginning of its fingerprint, and removes that one alone")
    func showAndRemove() throws {
        let anchors = try Self.anchors(2)
        _ = try take(try folder.write(Self.pem(anchors), to: "bundle.pem"))
        let rows = try list()
        try #require(rows.count == 2)
        let digits = String(rows[0].fingerprint.prefix(8))
        let shown = try CommandLineTool.run("trust", "show", "--store", store, digits)
        #expect(shown.status == 0)
        #expect(shown.output.contains(rows[0].name) && shown.output.contains(rows[0].fingerprint))
        let removed = try CommandLineTool.run("trust", "remove", "--store", store, digits)
        #expect(removed.status == 0)
        #expect(try list().map(\.fingerprint) == [rows[1].fingerprint])
        let again = try CommandLineTool.run("trust", "remove", "--store", store, digits)
        #expect(again.status == 2)
        #expect(again.errors.contains("no entry's fingerprint begins with"))
        #expect(try list().count == 1)
    }

    @Test("refuses a store that is damaged, and leaves it as it is")
    func damaged() throws {
        let bytes = Array("cccd trust store 1\nand nothing of the kind".utf8)
        _ = try folder.write(bytes, to: "trust.store")
        let anchor = try folder.write(TestState.shared.anchor, to: "csca.cer")
        for words in [["import", "--store", store, anchor], ["list", "--store", store]] {
            let result = try ShellCommand.run([try CommandLineTool.path, "trust"] + words)
            #expect(result.status == 2)
            #expect(result.errors.contains("damaged"), "\(result.errors)")
        }
        #expect(try Array(Data(contentsOf: URL(filePath: store))) == bytes)
    }

    @Test("killed at any moment, an import leaves the old store or the new one, and no leftovers in the end")
    func killed() throws {
        let anchors = try Self.anchors(40)
        let first = try folder.write(anchors[0], to: "first.cer")
        _ = try take(first)
        let old = try Data(contentsOf: URL(filePath: store))
        let bundle = try folder.write(Self.pem(anchors), to: "bundle.pem")
        let clock = ContinuousClock()
        let whole = try clock.measure { _ = try take(bundle) }
        let new = try Data(contentsOf: URL(filePath: store))
        var endings: Set<Data> = []
        for round in 0..<40 {
            try old.write(to: URL(filePath: store))
            let process = Process()
            process.executableURL = URL(filePath: try CommandLineTool.path)
            process.arguments = ["trust", "import", "--store", store, bundle]
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            Thread.sleep(forTimeInterval: whole / .seconds(1) * Double(round) / 30)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            let found = try Data(contentsOf: URL(filePath: store))
            #expect(found == old || found == new, "round \(round)")
            endings.insert(found)
        }
        #expect(endings.contains(old), "no import was killed before its end")
        _ = try take(bundle)
        #expect(try Data(contentsOf: URL(filePath: store)) == new)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(names) == ["trust.store", "first.cer", "bundle.pem"])
    }

    @Test("two imports at once lose nothing")
    func together() throws {
        let bundles = try Self.anchors(30).enumerated().map { number, anchor in
            try folder.write(anchor, to: "\(number).cer")
        }
        let processes = try bundles.map { bundle in
            let process = Process()
            process.executableURL = URL(filePath: try CommandLineTool.path)
            process.arguments = ["trust", "import", "--store", store, bundle]
            process.standardOutput = FileHandle.nullDevice
            try process.run()
            return process
        }
        for process in processes {
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        #expect(try list().count == 30)
    }
}
