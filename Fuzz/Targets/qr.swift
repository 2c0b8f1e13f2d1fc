@testable import Document

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzQRText(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = unsafe String(decoding: FuzzInput.bytes(start, count), as: UTF8.self)
    if let number = try? PersonalNumber(text) {
        require(number.text == text && text.utf8.count == 12, "a personal number is the text it was read from")
        require((1900...2399).contains(number.birthYear), "birth years are 1900 to 2399")
        require(
            number.text.hasSuffix(number.documentNumber) && number.documentNumber.hasSuffix(number.can),
            "both numbers end the whole")
    }
    guard let qr = try? QRText(text) else { return 0 }

    let birthDate = [qr.birthDate.day ?? 0, qr.birthDate.month ?? 0].map { Digits.text($0, count: 2) }.joined()
    let issueDate = qr.issueDate
    let fields =
        [
            qr.personalNumber.text, qr.oldNumber ?? "", qr.fullName,
            birthDate + Digits.text(qr.birthDate.year, count: 4),
            qr.sex == .male ? "Nam" : "Nữ", qr.residence,
            Digits.text(issueDate.day, count: 2) + Digits.text(issueDate.month, count: 2)
                + Digits.text(issueDate.year, count: 4),
        ] + qr.furtherFields
    let written = fields.joined(separator: "|")
    if written.utf8.count <= QRText.maximumByteCount {
        require((try? QRText(written)) == qr, "a QR text is read alike from its own fields")
    }
    require(qr.accessCandidates.count <= 4, "two laws give at most four candidates")
    require(Set(qr.accessCandidates).count == qr.accessCandidates.count, "no candidate is tried twice")
    return 0
}
