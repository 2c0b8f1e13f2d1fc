@testable import Document

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzCardSecurity(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe FuzzInput.bytes(start, count)
    guard let file = try? CardSecurity(bytes) else { return 0 }
    let signedData = file.signedData
    var ranges = signedData.certificates + signedData.revocationLists + signedData.signers.map(\.signature)
    ranges += [signedData.content].compactMap { $0 }
    for range in ranges { require(range.upperBound <= file.bytes.count, "what was found stands inside the file") }
    require(signedData.contentType == CardSecurity.contentType, "what is signed is what EF.CardSecurity signs")
    if let content = signedData.content {
        let infos = Array(file.bytes[content])
        require((try? SecurityInfos(infos.span)) == file.securityInfos, "what is signed is read alike by itself")
    }
    return 0
}
