@testable import Document

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzDataGroup1(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe FuzzInput.bytes(start, count)
    guard let group = try? DataGroup1(bytes.span) else { return 0 }

    let written = TLVEncoder.element(0x61, [TLVEncoder.element(0x5F1F, Array(group.text.utf8))])
    require((try? DataGroup1(written.span)) == group, "DG1 is read alike from its own text")
    return 0
}
