import Document

/// The parts of an EF.SOD in the form in which nearly all are: DER throughout, one certificate, one signer with signed
/// attributes of the usual kinds in DER's order. Any other EF.SOD is not plain and is left to `SecurityObject`.
struct SecurityObjectWalk {
    /// The SignedData's version and its set of hash algorithms.
    let preamble: Range<Int>
    /// The LDSSecurityObject, which is what the message digest is over.
    let content: Range<Int>
    /// The version and the hash algorithm of the LDSSecurityObject.
    let ldsHeader: Range<Int>
    /// What follows its list of hashes: the versions of LDS and Unicode, or nothing.
    let ldsTrailer: Range<Int>
    /// The signer's certificate.
    let certificate: Range<Int>
    /// The SignerInfo from its version to its hash algorithm: whose it is and how the content is hashed.
    let signer: Range<Int>
    /// The signed attributes with their tag A0, in whose place 31 is signed.
    let attributes: Range<Int>
    /// The hash that the message digest attribute holds.
    let messageDigest: Range<Int>
    /// The digits of the signing time, `YYMMDDhhmmss`; nil when there is none.
    let signingTime: Range<Int>?
    /// How the signature is made.
    let signatureAlgorithm: Range<Int>
    /// The signature.
    let signature: Range<Int>
    /// The data groups that are listed, with DG1 as bit 1.
    let listed: UInt32
    private let hashes: InlineArray<17, UInt32>
    private let hashByteCount: Int

    /// The hash that is listed for a data group.
    @inline(__always)
    func hash(ofDataGroup number: Int) -> Range<Int> {
        Int(hashes[number])..<Int(hashes[number]) + hashByteCount
    }

    /// - Parameters:
    ///   - bytes: What the places refer to.
    ///   - range: EF.SOD with its outer tag.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        guard range.count <= SecurityObject.maximumByteCount else { return nil }
        var file = DERWalk(bytes, range)
        guard let outer = file.next(0x77), file.isAtEnd else { return nil }
        var info = DERWalk(bytes, outer)
        guard let contentInfo = info.next(0x30), info.isAtEnd else { return nil }
        info = DERWalk(bytes, contentInfo)
        guard info.skip(Self.signedDataType), let explicit = info.next(0xA0), info.isAtEnd else { return nil }
        info = DERWalk(bytes, explicit)
        guard let signedData = info.next(0x30), info.isAtEnd else { return nil }

        var fields = DERWalk(bytes, signedData)
        guard let version = fields.next(0x02), version.count == 1, fields.next(0x31) != nil else { return nil }
        preamble = signedData.lowerBound..<fields.position
        guard let encapsulated = fields.next(0x30), let content = Self.content(bytes, encapsulated),
            let certificates = fields.next(0xA0), let signers = fields.next(0x31), fields.isAtEnd
        else { return nil }
        self.content = content
        var list = DERWalk(bytes, certificates)
        guard list.next(0x30) != nil, list.isAtEnd else { return nil }
        certificate = certificates

        list = DERWalk(bytes, signers)
        guard let signerInfo = list.next(0x30), list.isAtEnd else { return nil }
        fields = DERWalk(bytes, signerInfo)
        guard let version = fields.next(0x02), version.count == 1 else { return nil }
        if fields.isNext(0x80) {
            guard fields.next(0x80) != nil else { return nil }
        } else {
            guard fields.next(0x30) != nil else { return nil }
        }
        guard fields.next(0x30) != nil else { return nil }
        signer = signerInfo.lowerBound..<fields.position
        let attributesStart = fields.position
        guard let attributes = fields.next(0xA0) else { return nil }
        self.attributes = attributesStart..<fields.position
        let algorithmStart = fields.position
        guard fields.next(0x30) != nil else { return nil }
        signatureAlgorithm = algorithmStart..<fields.position
        guard let signature = fields.next(0x04), fields.isAtEnd else { return nil }
        self.signature = signature

        guard let found = Self.attributes(bytes, attributes) else { return nil }
        (signingTime, messageDigest) = found
        guard let lds = Self.hashes(bytes, content) else { return nil }
        (ldsHeader, ldsTrailer, hashes, listed) = (lds.header, lds.trailer, lds.hashes, lds.listed)
        hashByteCount = lds.hashByteCount
    }

    /// EncapsulatedContentInfo with an LDSSecurityObject (RFC 5652, 5.2): the place of the latter.
    @inline(__always)
    private static func content(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int>? {
        var fields = DERWalk(bytes, range)
        guard fields.skip(ldsType), let explicit = fields.next(0xA0), fields.isAtEnd else { return nil }
        fields = DERWalk(bytes, explicit)
        guard let content = fields.next(0x04), fields.isAtEnd else { return nil }
        return content
    }

    /// contentType, then signingTime if it is there, then messageDigest: the order that DER gives them.
    @inline(__always)
    private static func attributes(_ bytes: Span<UInt8>, _ range: Range<Int>) -> (Range<Int>?, Range<Int>)? {
        var fields = DERWalk(bytes, range)
        guard fields.skip(contentTypeAttribute) else { return nil }
        var time: Range<Int>?
        if fields.skip(signingTimeAttribute) {
            let start = fields.position
            guard start + 13 <= fields.end, bytes[start + 12] == UInt8(ascii: "Z") else { return nil }
            fields = DERWalk(bytes, start + 13..<range.upperBound)
            time = start..<start + 12
        }
        guard let attribute = fields.next(0x30), fields.isAtEnd else { return nil }
        // DER sorts by the encodings: the length decides, being that of a hash of 20 bytes at least.
        guard attribute.count >= 35 else { return nil }
        fields = DERWalk(bytes, attribute)
        guard fields.skip(messageDigestType), let values = fields.next(0x31), fields.isAtEnd else { return nil }
        fields = DERWalk(bytes, values)
        guard let digest = fields.next(0x04), fields.isAtEnd else { return nil }
        return (time, digest)
    }

    private struct Hashes {
        var header = 0..<0
        var trailer = 0..<0
        var hashes = InlineArray<17, UInt32>(repeating: 0)
        /// Of each hash: they are all of one function.
        var hashByteCount = 0
        var listed: UInt32 = 0
    }

    /// LDSSecurityObject (Doc 9303-10, 4.6.2.3).
    @inline(__always)
    private static func hashes(_ bytes: Span<UInt8>, _ content: Range<Int>) -> Hashes? {
        var result = Hashes()
        var fields = DERWalk(bytes, content)
        guard let sequence = fields.next(0x30), fields.isAtEnd else { return nil }
        fields = DERWalk(bytes, sequence)
        guard let version = fields.next(0x02), version.count == 1, fields.next(0x30) != nil else { return nil }
        result.header = sequence.lowerBound..<fields.position
        guard let list = fields.next(0x30) else { return nil }
        result.trailer = fields.position..<sequence.upperBound
        var entries = DERWalk(bytes, list)
        while !entries.isAtEnd {
            guard let entry = entries.next(0x30) else { return nil }
            var pair = DERWalk(bytes, entry)
            guard let number = pair.next(0x02), number.count == 1, let hash = pair.next(0x04), pair.isAtEnd else {
                return nil
            }
            let group = Int(bytes[number.lowerBound])
            guard (1...16).contains(group), result.listed & (1 << UInt32(group)) == 0,
                result.listed == 0 || hash.count == result.hashByteCount
            else { return nil }
            result.hashes[group] = UInt32(truncatingIfNeeded: hash.lowerBound)
            result.hashByteCount = hash.count
            result.listed |= 1 << UInt32(group)
        }
        return result.listed == 0 ? nil : result
    }

    private static let signedDataType: [UInt8] = [
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02,
    ]
    private static let ldsType: [UInt8] = [0x06, 0x06, 0x67, 0x81, 0x08, 0x01, 0x01, 0x01]
    private static let contentTypeAttribute: [UInt8] =
        [0x30, 0x15, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03, 0x31, 0x08] + ldsType
    private static let signingTimeAttribute: [UInt8] = [
        0x30, 0x1C, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05, 0x31, 0x0F, 0x17, 0x0D,
    ]
    private static let messageDigestType: [UInt8] = [
        0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04,
    ]
}
