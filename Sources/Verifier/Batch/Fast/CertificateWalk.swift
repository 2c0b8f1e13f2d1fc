/// A document signer's certificate of the usual form (RFC 5280, 4.1), taken apart where it stands.
///
/// What is not of that form in every byte is not plain and is left to `Certificate`.
struct CertificateWalk {
    /// TBSCertificate with its tag: what the issuer signed.
    let signed: Range<Int>
    /// The version with its tags.
    let version: Range<Int>
    /// The serial number's content: positive, in as few bytes as it takes.
    let serialNumber: Range<Int>
    /// The issuer's signature algorithm and name.
    let issuing: Range<Int>
    /// The issuer's name with its tag.
    let issuer: Range<Int>
    /// The validity with its tag.
    let validity: Range<Int>
    /// The first moment of the validity in seconds since 1970.
    let notBefore: Double
    /// The last moment of the validity in seconds since 1970.
    let notAfter: Double
    /// The subject's name with its tag.
    let subject: Range<Int>
    /// SubjectPublicKeyInfo with its tag.
    let subjectPublicKeyInfo: Range<Int>
    /// The key's algorithm with its parameters and tag.
    let keyAlgorithm: Range<Int>
    /// The key's bits.
    let key: Range<Int>
    /// The extensions with their tags.
    let extensions: Range<Int>
    /// The issuer's signature algorithm, as it stands beside the signature.
    let signatureAlgorithm: Range<Int>
    /// The issuer's signature.
    let signature: Range<Int>

    /// No serial number is longer (RFC 5280, 4.1.2.2).
    private static let maximumSerialNumberByteCount = 20

    /// - Parameters:
    ///   - bytes: What the places refer to.
    ///   - range: The certificate with its tag.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        var walk = DERWalk(bytes, range)
        guard let certificate = walk.next(0x30), walk.isAtEnd else { return nil }
        var outer = DERWalk(bytes, certificate)
        guard let body = outer.next(0x30) else { return nil }
        signed = certificate.lowerBound..<outer.position
        let algorithmStart = outer.position
        guard outer.next(0x30) != nil else { return nil }
        signatureAlgorithm = algorithmStart..<outer.position
        guard let signature = Self.bits(&outer), outer.isAtEnd else { return nil }
        self.signature = signature

        var fields = DERWalk(bytes, body)
        guard fields.next(0xA0) != nil else { return nil }
        version = body.lowerBound..<fields.position
        guard let serialNumber = fields.next(0x02), Self.isPlain(serialNumber: bytes.extracting(serialNumber)) else {
            return nil
        }
        self.serialNumber = serialNumber
        let issuingStart = fields.position
        guard fields.next(0x30) != nil else { return nil }
        let issuerStart = fields.position
        guard fields.next(0x30) != nil else { return nil }
        issuer = issuerStart..<fields.position
        issuing = issuingStart..<fields.position

        guard let validity = fields.next(0x30) else { return nil }
        self.validity = issuer.upperBound..<fields.position
        var times = DERWalk(bytes, validity)
        guard let notBefore = Self.time(&times), let notAfter = Self.time(&times), times.isAtEnd,
            notBefore <= notAfter
        else { return nil }
        (self.notBefore, self.notAfter) = (notBefore, notAfter)

        guard fields.next(0x30) != nil else { return nil }
        subject = self.validity.upperBound..<fields.position
        guard let keyInfo = fields.next(0x30) else { return nil }
        subjectPublicKeyInfo = subject.upperBound..<fields.position
        var info = DERWalk(bytes, keyInfo)
        guard info.next(0x30) != nil else { return nil }
        keyAlgorithm = keyInfo.lowerBound..<info.position
        guard let key = Self.bits(&info), info.isAtEnd else { return nil }
        self.key = key
        guard fields.next(0xA3) != nil, fields.isAtEnd else { return nil }
        extensions = subjectPublicKeyInfo.upperBound..<fields.position
    }

    /// The content of a BIT STRING of whole bytes.
    private static func bits(_ walk: inout DERWalk) -> Range<Int>? {
        guard let content = walk.next(0x03), content.count > 1, walk.bytes[content.lowerBound] == 0 else { return nil }
        return content.dropFirst()
    }

    private static func time(_ walk: inout DERWalk) -> Double? {
        let bytes = walk.bytes
        if let content = walk.next(0x17) {
            guard content.count == 13, bytes[content.lowerBound + 12] == UInt8(ascii: "Z") else { return nil }
            return PlainTime.utc(bytes, content.lowerBound)
        }
        guard let content = walk.next(0x18), content.count == 15, bytes[content.lowerBound + 14] == UInt8(ascii: "Z")
        else { return nil }
        return PlainTime.generalized(bytes, content.lowerBound)
    }

    private static func isPlain(serialNumber bytes: Span<UInt8>) -> Bool {
        guard (1...maximumSerialNumberByteCount).contains(bytes.count), bytes[0] < 0x80 else { return false }
        return bytes[0] != 0 || bytes.count > 1 && bytes[1] >= 0x80
    }
}
