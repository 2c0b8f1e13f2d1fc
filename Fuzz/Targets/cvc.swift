@testable import Document

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzCardVerifiableCertificates(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe FuzzInput.bytes(start, count)
    guard let chain = try? CardVerifiableCertificate.chain(bytes) else { return 0 }
    for certificate in chain {
        let written = TLVEncoder.element(0x7F21, certificate.body + certificate.signature)
        require((try? CardVerifiableCertificate(written)) == certificate, "a certificate is read alike from its parts")
    }
    return 0
}
