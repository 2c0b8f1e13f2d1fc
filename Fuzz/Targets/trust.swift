import Crypto
import Document
@testable import Verifier

/// A file that an administrator takes into a trust store that knows one CSCA: certificates, bundles, master lists, LDIF,
/// revocation lists.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzTrust(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe FuzzInput.bytes(start, count)
    guard !TrustStoreFile.isOne(input) else {
        _ = try? TrustStoreFile.decode(input)
        return 0
    }
    var intake = TrustImport(into: Seeds.trust)
    try? intake.take(input, source: "input")
    intake.finish()
    let added = intake.items.count { $0.result == .added && $0.kind != "master list" }
    let count = intake.store.entries.count - Seeds.trust.entries.count
    // A newer revocation list takes the place of the one before it.
    require(count <= added, "every new entry is told")
    guard let written = try? TrustStoreFile.encode(intake.store) else { fatalError("a store that cannot be written") }
    let again = try? TrustStoreFile.decode(written)
    require(again?.entries.map(\.fingerprint) == intake.store.entries.map(\.fingerprint), "what is written is what is opened")
    return 0
}
