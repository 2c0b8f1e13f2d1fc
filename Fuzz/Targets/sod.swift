@testable import Document

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzSecurityObject(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe FuzzInput.bytes(start, count)
    guard let object = try? SecurityObject(bytes) else { return 0 }

    let signedData = object.signedData
    var ranges = signedData.certificates + signedData.revocationLists + signedData.signers.map(\.signature)
    ranges += [signedData.content].compactMap { $0 }
    for attributes in signedData.signers.compactMap(\.signedAttributes) {
        ranges += [attributes.content, attributes.messageDigest].compactMap { $0 }
    }
    for range in ranges { require(range.upperBound <= object.bytes.count, "what was found stands inside the file") }
    let again = try? SecurityObject(object.bytes)
    require(again?.signedData == object.signedData && again?.lds == object.lds, "what places refer to is read alike")
    return 0
}
