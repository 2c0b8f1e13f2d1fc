@testable import Document

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzMachineReadableZone(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = unsafe String(decoding: FuzzInput.bytes(start, count), as: UTF8.self)
    if let name = VietnameseName.transliterated(text) {
        let isOfZone = name.utf8.allSatisfy { ("A"..."Z").contains(Unicode.Scalar($0)) || $0 == UInt8(ascii: "<") }
        require(isOfZone, "a name is letters and fillers")
    }
    guard let zone = try? MachineReadableZone(text) else { return 0 }

    require([90, 72, 88].contains(zone.text.utf8.count), "a zone has one of three sizes")
    require((try? MachineReadableZone(zone.text)) == zone, "a zone is read alike from its own text")
    let information = zone.accessFields.mrzInformation
    require(information.utf8.count >= 24 && information.utf8.count <= 37, "numbers have 9 to 22 characters")
    let fullName = "\(zone.primaryIdentifier) \(zone.secondaryIdentifier)"
    if VietnameseName.words(of: fullName) != nil {
        require(zone.nameAgrees(with: fullName), "a zone's name agrees with itself")
    }
    return 0
}
