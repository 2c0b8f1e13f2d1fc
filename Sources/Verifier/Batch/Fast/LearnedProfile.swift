import Crypto
import Document
import FoundationEssentials

/// How a CSCA certifies document signers and these sign, as `CardVerifier` judged one of them. What was said of him holds for
/// every signer who signs in the same way and whose certificate is the same but for number, dates, name and key, as long as
/// those are of the usual form and the CSCA's signature is right.
final class LearnedProfile: Sendable {
    private let example: LearnedSigner
    private let issuerKey: BatchKey
    private let issuerScheme: SignatureScheme
    private let issuerName: DistinguishedName
    private let anchor: Certificate
    private let revocationList: RevocationList?
    /// What must be equal in the certificate.
    private let parts: [[UInt8]]
    private let extensions: MaskedFile
    /// Where in the extensions the times of the private key's use stand.
    private let useFrom: Int?
    private let useTo: Int?
    /// The subject of the example's certificate and its name.
    private let subject: [UInt8]
    private let subjectName: DistinguishedName
    private let validity: [UInt8]
    /// The version of SignerInfo, and the hash algorithm in it.
    private let signerParts: [[UInt8]]

    /// Nil when what was said of the signer need not hold for others.
    init?(
        _ example: LearnedSigner, _ verdict: Verdict, _ examination: Examination, _ walk: SecurityObjectWalk,
        sod: Span<UInt8>, keys: BatchKeys
    ) {
        guard example.isOnlyAnchor, verdict.passed(.signerUsage), verdict.passed(.signerStrength),
            verdict.check(.signerRevocation).map({ $0.result != .failed }) ?? false,
            let signer = examination.principalSigner, let certificate = signer.certificate,
            let anchor = signer.chain.anchor, let fields = CertificateWalk(sod, walk.certificate),
            let identifier = SignerIdentifierWalk(sod, walk.signer), identifier.names(fields, in: sod),
            let scheme = Self.scheme(sod, fields.signatureAlgorithm),
            let extensions = Self.extensions(sod, fields.extensions)
        else { return nil }
        func copy(_ range: Range<Int>) -> [UInt8] { range.map { sod[$0] } }
        // The scheme as it is read here must be the one by which OpenSSL found the certificate signed.
        let isSigned = try? anchor.key.verify(
            signature: sod.extracting(fields.signature), message: sod.extracting(fields.signed), scheme: scheme)
        guard isSigned == true else { return nil }
        self.example = example
        issuerKey = keys.key(for: anchor.certificate.der, anchor.key)
        issuerScheme = scheme
        issuerName = certificate.issuer
        self.anchor = anchor.certificate
        revocationList = examination.trust.revocationLists(of: anchor).first
        parts = Self.parts(fields).map(copy)
        (self.extensions, useFrom, useTo) = extensions
        subject = copy(fields.subject)
        subjectName = certificate.subject
        validity = copy(fields.validity)
        signerParts = [identifier.version, identifier.digestAlgorithm].map(copy)
    }

    private static func parts(_ fields: CertificateWalk) -> [Range<Int>] {
        [fields.version, fields.issuing, fields.keyAlgorithm, fields.signatureAlgorithm]
    }

    /// Whether a card is by a signer of this profile, as far as equal bytes tell.
    func covers(
        _ record: Span<UInt8>, _ walk: SecurityObjectWalk, _ fields: CertificateWalk, documentKind: Range<Int>
    ) -> Bool {
        guard example.hasSameForm(record, walk, documentKind: documentKind),
            extensions.matches(record.extracting(fields.extensions)),
            let identifier = SignerIdentifierWalk(record, walk.signer), identifier.names(fields, in: record)
        else { return false }
        return BatchBytes.areEqual(record.extracting(fields.version), parts[0])
            && BatchBytes.areEqual(record.extracting(fields.issuing), parts[1])
            && BatchBytes.areEqual(record.extracting(fields.keyAlgorithm), parts[2])
            && BatchBytes.areEqual(record.extracting(fields.signatureAlgorithm), parts[3])
            && BatchBytes.areEqual(record.extracting(identifier.version), signerParts[0])
            && BatchBytes.areEqual(record.extracting(identifier.digestAlgorithm), signerParts[1])
    }

    /// The signer of a card that this profile covers; nil when something about him is to be looked at.
    func signer(
        of record: Span<UInt8>, _ walk: SecurityObjectWalk, _ fields: CertificateWalk, keys: BatchKeys
    ) -> LearnedSigner? {
        func copy(_ range: Range<Int>) -> [UInt8] { range.map { record[$0] } }
        var useTimes: [Double?] = []
        for place in [useFrom, useTo] {
            guard let place else {
                useTimes.append(nil)
                continue
            }
            guard let time = PlainTime.generalized(record, fields.extensions.lowerBound + place) else { return nil }
            useTimes.append(time)
        }
        let serialNumber = copy(fields.serialNumber)
        guard
            let periods = SignerPeriods(
                notBefore: fields.notBefore, notAfter: fields.notAfter, useFrom: useTimes[0], useTo: useTimes[1],
                anchor: anchor),
            revocationList.map({ !$0.revokes(serialNumber: serialNumber) }) ?? true,
            let name = name(record, fields.subject), name.country == subjectName.country, name != issuerName,
            let key = keys.key(
                for: copy(walk.certificate), like: example.key, subjectPublicKeyInfo: copy(fields.subjectPublicKeyInfo),
                bits: copy(fields.key))
        else { return nil }
        let isSameValidity = BatchBytes.areEqual(record.extracting(fields.validity), validity)
        let summary = SignerSummary(
            example.summary, subject: name.text, serialNumber: serialNumber,
            validity: isSameValidity
                ? nil
                : (Date(timeIntervalSince1970: fields.notBefore), Date(timeIntervalSince1970: fields.notAfter)))
        return LearnedSigner(like: example, walk, sod: record, key: key, summary: summary, periods: periods)
    }

    /// Gives the CSCA's signature on the certificate to `verifier`.
    func addSignature(on fields: CertificateWalk, in record: Span<UInt8>, to verifier: BatchVerifier) -> Int {
        verifier.add(
            record.extracting(fields.signature), by: issuerKey, over: record.extracting(fields.signed),
            scheme: issuerScheme)
    }

    private func name(_ record: Span<UInt8>, _ range: Range<Int>) -> DistinguishedName? {
        if BatchBytes.areEqual(record.extracting(range), subject) { return subjectName }
        return try? DistinguishedName(der: range.map { record[$0] })
    }

    private static func scheme(_ bytes: Span<UInt8>, _ range: Range<Int>) -> SignatureScheme? {
        let der = range.map { bytes[$0] }
        var cursor = TLVCursor(der.span)
        guard let identifier = try? AlgorithmIdentifier(from: &cursor), cursor.isAtEnd else { return nil }
        return SignatureAlgorithms.scheme(identifier, digest: nil)
    }

    /// The extensions with what may differ left out: the key's identifier and the times of the private key's use, whose
    /// places come with them.
    private static func extensions(
        _ bytes: Span<UInt8>, _ range: Range<Int>
    ) -> (MaskedFile, useFrom: Int?, useTo: Int?)? {
        var free: [Range<Int>] = []
        var useTimes: [UInt8: Int] = [:]
        var walk = DERWalk(bytes, range)
        guard let explicit = walk.next(0xA3), walk.isAtEnd else { return nil }
        walk = DERWalk(bytes, explicit)
        guard let list = walk.next(0x30), walk.isAtEnd else { return nil }
        walk = DERWalk(bytes, list)
        while !walk.isAtEnd {
            guard let entry = walk.next(0x30) else { return nil }
            var fields = DERWalk(bytes, entry)
            let isKeyIdentifier = fields.skip(subjectKeyIdentifier)
            guard isKeyIdentifier || fields.skip(privateKeyUsagePeriod) else { continue }
            _ = fields.next(0x01)
            guard let value = fields.next(0x04), fields.isAtEnd else { return nil }
            fields = DERWalk(bytes, value)
            if isKeyIdentifier {
                guard let identifier = fields.next(0x04), fields.isAtEnd else { return nil }
                free.append(identifier)
                continue
            }
            guard let period = fields.next(0x30), fields.isAtEnd else { return nil }
            fields = DERWalk(bytes, period)
            for tag in [UInt8(0x80), 0x81] where fields.isNext(tag) {
                guard let time = fields.next(tag), time.count == 15, bytes[time.upperBound - 1] == UInt8(ascii: "Z")
                else { return nil }
                free.append(time.dropLast())
                useTimes[tag] = time.lowerBound - range.lowerBound
            }
            guard fields.isAtEnd else { return nil }
        }
        let places = free.map { $0.lowerBound - range.lowerBound..<$0.upperBound - range.lowerBound }
        return (MaskedFile(range.map { bytes[$0] }, free: places), useTimes[0x80], useTimes[0x81])
    }

    private static let subjectKeyIdentifier: [UInt8] = [0x06, 0x03, 0x55, 0x1D, 0x0E]
    private static let privateKeyUsagePeriod: [UInt8] = [0x06, 0x03, 0x55, 0x1D, 0x10]
}

/// How a SignerInfo (RFC 5652, 5.3) names its signer by issuer and serial number, found where it stands.
private struct SignerIdentifierWalk {
    /// The version with its tag.
    let version: Range<Int>
    /// The hash algorithm with its tag.
    let digestAlgorithm: Range<Int>
    private let issuer: Range<Int>
    private let serialNumber: Range<Int>

    /// Nil when the signer is named by the identifier of his key.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        var fields = DERWalk(bytes, range)
        guard fields.next(0x02) != nil else { return nil }
        version = range.lowerBound..<fields.position
        guard let names = fields.next(0x30) else { return nil }
        let algorithmStart = fields.position
        guard fields.next(0x30) != nil, fields.isAtEnd else { return nil }
        digestAlgorithm = algorithmStart..<fields.position
        var walk = DERWalk(bytes, names)
        guard walk.next(0x30) != nil else { return nil }
        issuer = names.lowerBound..<walk.position
        guard let serialNumber = walk.next(0x02), walk.isAtEnd else { return nil }
        self.serialNumber = serialNumber
    }

    /// Whether it names a certificate in the very bytes of that.
    func names(_ certificate: CertificateWalk, in bytes: Span<UInt8>) -> Bool {
        BatchBytes.areEqual(bytes.extracting(issuer), bytes.extracting(certificate.issuer))
            && BatchBytes.areEqual(bytes.extracting(serialNumber), bytes.extracting(certificate.serialNumber))
    }
}
