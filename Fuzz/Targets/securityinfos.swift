@testable import Document

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzSecurityInfos(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe FuzzInput.bytes(start, count)
    let infos = try? SecurityInfos(bytes.span)
    let file = TLVEncoder.element(0x6E, bytes)
    require((try? DataGroup14(file.span))?.securityInfos == infos, "DG14 holds what EF.CardAccess does")
    for case .unknown(_, let encoded) in infos?.infos ?? [] {
        let set = TLVEncoder.element(.set, encoded)
        require((try? SecurityInfos(set.span))?.infos.count == 1, "an unknown entry is kept whole")
    }
    if let group = try? DataGroup15(bytes.span) {
        let written = TLVEncoder.element(0x6F, group.subjectPublicKeyInfo)
        require((try? DataGroup15(written.span)) == group, "DG15 is read alike from its own key")
    }
    return 0
}
