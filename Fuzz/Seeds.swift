import Crypto
import Document
import FoundationEssentials
import Verifier

/// What the targets that judge signatures start from. The fuzzer runs in the project's folder.
enum Seeds {
    /// A trust store with the CSCA that signed the seeds.
    static let trust: TrustStore = {
        var store = TrustStore()
        guard let anchor = lines(of: "trust").first, let certificate = try? Certificate(der: anchor),
            (try? store.add(certificate)) == true
        else { fatalError("Fuzz/seeds/trust.hex does not begin with a CSCA's certificate") }
        return store
    }()

    /// The seeds of a target in the order of its file.
    static func lines(of target: String) -> [[UInt8]] {
        guard let data = FileManager.default.contents(atPath: "Fuzz/seeds/\(target).hex") else { return [] }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .compactMap { Hexadecimal.bytes($0) }
    }
}
