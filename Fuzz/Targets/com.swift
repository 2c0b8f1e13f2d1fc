@testable import Document

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzCommonData(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe FuzzInput.bytes(start, count)
    guard let com = try? CommonData(bytes.span) else { return 0 }

    let tags = com.dataGroups.compactMap { ElementaryFile.dataGroup($0)?.tag?.encoded }.joined() + com.unknownTags
    let written = TLVEncoder.element(
        0x60,
        [
            TLVEncoder.element(0x5F01, Array(com.ldsVersion.utf8)),
            TLVEncoder.element(0x5F36, Array(com.unicodeVersion.utf8)), TLVEncoder.element(0x5C, Array(tags)),
        ])
    require((try? CommonData(written.span)) == com, "EF.COM is read alike from what was read")
    return 0
}
