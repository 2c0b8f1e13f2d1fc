import Foundation

@testable import Registry

/// The invented people, and places to put registries.
enum Fixture {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures/Registry")
    static let dataAsOf = Timestamp(secondsSince1970: 1_795_000_000)

    /// How many records `insured.csv` has.
    static let insuredCount = (try? table("insured.csv").lines.count) ?? 0

    static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }

    static func table(_ name: String) throws -> RulesTable { try RulesTable(name: name, bytes(name)) }

    /// A registry of the invented people with their lost cards.
    static func registry() throws -> (registry: InsuranceRegistry, place: Place) {
        let place = try Place()
        try load(into: .file(place.path))
        let registry = try InsuranceRegistry(path: place.path)
        try reportLost(to: registry)
        return (registry, place)
    }

    /// Loads the invented people.
    static func load(into location: RegistryLocation) throws {
        let load = RegistryImport(source: .bytes(try bytes("insured.csv")), format: .csv, dataAsOf: dataAsOf)
        let report = try load.run(into: location)
        guard report.rejected == 0 else { throw RegistryError.nothingToLoad(rejected: report.rejected) }
    }

    /// Reports the cards of `lost.csv`.
    static func reportLost(to registry: any InsuranceStore) throws {
        for line in try table("lost.csv").lines {
            let number = try line.text("number")
            let lostOn = try Day(iso: line.text("lostOn")) ?? .todayInVietnam
            let issuedOn = try Day(iso: line.text("issuedOn"))
            switch try line.text("kind") {
            case "identityCard":
                try registry.reportLost(LostCard(identityCardOf: number, issuedOn: issuedOn, lostOn: lostOn))
            default: try registry.reportLost(LostCard(insuranceCard: number, lostOn: lostOn))
            }
        }
    }

    /// A file to load with the columns that are always needed.
    static func csv(_ lines: String...) -> [UInt8] {
        Array((["personalNumber,cardNumber,fullName,birthDate,validFrom,validTo"] + lines).joined(separator: "\n").utf8)
    }
}

/// A folder of its own for one test's registry; removed when the last user lets go of it.
final class Place: Sendable {
    let folder: URL
    var path: String { folder.appending(path: "registry.sqlite").path }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "cccd-registry-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let url = folder.appending(path: name)
        try Data(bytes).write(to: url)
        return url.path
    }

    var fileNames: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? [] }
}
