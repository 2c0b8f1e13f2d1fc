@testable import Document

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzDataGroup13(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe FuzzInput.bytes(start, count)
    guard let group = try? DataGroup13(bytes.span) else { return 0 }

    let fields = group.texts.map { field, texts in
        TLVEncoder.element(
            .sequence,
            [
                [0x02, 0x01, UInt8(field.rawValue)],
                TLVEncoder.element(.sequence, texts.map { TLVEncoder.element(.utf8String, Array($0.utf8)) }),
            ])
    }
    let written = TLVEncoder.element(
        0x6D, [TLVEncoder.element(.sequence, fields + group.unknownFields.map(\.encoded))])
    require((try? DataGroup13(written.span)) == group, "DG13 is read alike from its own fields")
    for field in group.malformedFields { require(group.texts[field] != nil, "an absent field is not malformed") }
    if let name = group.fullName { _ = VietnameseName.transliterated(name) }
    return 0
}
