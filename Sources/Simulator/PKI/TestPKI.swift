import Crypto
import Document

/// A State's signers made up for tests: a country signing CA (CSCA) and a document signer (DSC) under it, with
/// certificates to the profile of Doc 9303-12, 7.1.
///
///     let state = try TestPKI()
///     let stranger = try TestPKI()     // equally well made, and trusted by nobody
///
/// Every field of both certificates can be changed before they are signed, so that defects can be made on purpose:
///
///     let expired = try TestPKI(documentSigner: { $0.notAfter = .endOfDay(lastYear) })
public struct TestPKI: Sendable {
    /// The country signing CA, self-signed.
    public var countrySigner: CertifiedKey
    /// The document signer, certified by the country signing CA.
    public var documentSigner: CertifiedKey

    /// What the signers are, in names, keys and times.
    public struct Options: Sendable {
        /// The State in two letters (ISO 3166-1), for the subject's country.
        public var country = "VN"
        /// The State in three letters, as the machine readable zone has it.
        public var state = "VNM"
        /// The organisation in both names.
        public var organisation = "cccd simulator"
        /// The CSCA's common name.
        public var countrySignerName = "Test CSCA"
        /// The document signer's common name.
        public var documentSignerName = "Test Document Signer"
        /// The kind of the CSCA's key.
        public var countrySignerKey = KeyKind.ec(.brainpoolP384r1)
        /// The scheme of the CSCA's signatures.
        public var countrySignerScheme = SignatureScheme.ecdsa(.sha384)
        /// The kind of the document signer's key.
        public var documentSignerKey = KeyKind.ec(.brainpoolP256r1)
        /// The scheme of the document signer's signatures.
        public var documentSignerScheme = SignatureScheme.ecdsa(.sha256)
        /// How the keys tell their curves; Doc 9303-12 asks for explicit parameters.
        public var curveEncoding = CurveEncoding.explicit
        /// The first day of both certificates.
        public var validFrom = CalendarDate.constant(2021, 1, 1)
        /// The last day on which the CSCA's key signs certificates.
        public var countrySignerUse = CalendarDate.constant(2028, 12, 31)
        /// The last day on which the document signer's key signs documents.
        public var documentSignerUse = CalendarDate.constant(2028, 12, 31)
        /// The last day of the document signer's certificate: the last document it signed has expired.
        public var documentSignerValidTo = CalendarDate.constant(2048, 12, 31)
        /// The last day of the CSCA's certificate.
        public var countrySignerValidTo = CalendarDate.constant(2049, 12, 31)
        /// The types of the documents that the signer signs.
        public var documentTypes = ["ID"]

        /// The State of the card: a CSCA on brainpoolP384r1, a signer on brainpoolP256r1, explicit parameters.
        public init() {}
    }

    /// - Parameters:
    ///   - countrySigner: The CSCA.
    ///   - documentSigner: The signer that it certified.
    public init(countrySigner: CertifiedKey, documentSigner: CertifiedKey) {
        self.countrySigner = countrySigner
        self.documentSigner = documentSigner
    }

    /// Makes both keys anew and certifies them.
    ///
    /// - Parameters:
    ///   - options: Names, keys and times.
    ///   - adjustCountrySigner: Changes the CSCA's certificate before it is signed.
    ///   - adjustDocumentSigner: Changes the document signer's certificate before it is signed.
    /// - Throws: `crypto` for a key or scheme that OpenSSL does not offer.
    public init(
        _ options: Options = Options(),
        countrySigner adjustCountrySigner: (inout CertificateTemplate) -> Void = { _ in },
        documentSigner adjustDocumentSigner: (inout CertificateTemplate) -> Void = { _ in }
    ) throws(SimulatorError) {
        let key = try SigningKey(
            new: options.countrySignerKey, scheme: options.countrySignerScheme, curveEncoding: options.curveEncoding)
        var template = try Self.countrySignerTemplate(key, options)
        adjustCountrySigner(&template)
        countrySigner = CertifiedKey(key: key, certificate: try template.signed(by: key))
        documentSigner = try Self.newDocumentSigner(under: countrySigner, options, adjustDocumentSigner)
    }

    /// The same State with another document signer, made anew.
    ///
    /// - Parameters:
    ///   - options: Names, keys and times of the signer; those of the CSCA are not looked at.
    ///   - adjustDocumentSigner: Changes the certificate before it is signed.
    /// - Throws: As `init`.
    public func withNewDocumentSigner(
        _ options: Options = Options(),
        documentSigner adjustDocumentSigner: (inout CertificateTemplate) -> Void = { _ in }
    ) throws(SimulatorError) -> TestPKI {
        TestPKI(
            countrySigner: countrySigner,
            documentSigner: try Self.newDocumentSigner(under: countrySigner, options, adjustDocumentSigner))
    }

    private static func countrySignerTemplate(_ key: SigningKey, _ options: Options) throws(SimulatorError)
        -> CertificateTemplate
    {
        let name = CertificateName(
            country: options.country, organisation: options.organisation, commonName: options.countrySignerName)
        let publicKey = try key.subjectPublicKeyInfo
        let identifier = try CertificateTemplate.keyIdentifier(publicKey)
        return CertificateTemplate(
            serialNumber: try newSerialNumber(), issuer: name, subject: name,
            notBefore: .startOfDay(options.validFrom), notAfter: .endOfDay(options.countrySignerValidTo),
            subjectPublicKeyInfo: publicKey,
            extensions: [
                .keyUsage([.keyCertSign, .crlSign]),
                .basicConstraints(isAuthority: true, pathLength: 0),
                .subjectKeyIdentifier(identifier),
                .authorityKeyIdentifier(identifier),
                .privateKeyUsagePeriod(
                    from: .startOfDay(options.validFrom), to: .endOfDay(options.countrySignerUse)),
            ] + contact(options))
    }

    private static func newDocumentSigner(
        under countrySigner: CertifiedKey, _ options: Options, _ adjust: (inout CertificateTemplate) -> Void
    ) throws(SimulatorError) -> CertifiedKey {
        let issuer = try countrySigner.reference
        let key = try SigningKey(
            new: options.documentSignerKey, scheme: options.documentSignerScheme, curveEncoding: options.curveEncoding)
        let publicKey = try key.subjectPublicKeyInfo
        let issuerIdentifier = issuer.subjectKeyIdentifier.map { [CertificateExtension.authorityKeyIdentifier($0)] }
        var template = CertificateTemplate(
            serialNumber: try newSerialNumber(), issuer: issuer.subject,
            subject: CertificateName(
                country: options.country, organisation: options.organisation, commonName: options.documentSignerName),
            notBefore: .startOfDay(options.validFrom), notAfter: .endOfDay(options.documentSignerValidTo),
            subjectPublicKeyInfo: publicKey,
            extensions: [
                .keyUsage([.digitalSignature]),
                .subjectKeyIdentifier(try CertificateTemplate.keyIdentifier(publicKey)),
                .privateKeyUsagePeriod(
                    from: .startOfDay(options.validFrom), to: .endOfDay(options.documentSignerUse)),
                .documentTypeList(options.documentTypes),
            ] + (issuerIdentifier ?? []) + contact(options))
        adjust(&template)
        return CertifiedKey(key: key, certificate: try template.signed(by: countrySigner.key))
    }

    private static func contact(_ options: Options) -> [CertificateExtension] {
        // RFC 2606: names under .example belong to nobody.
        let mail = "csca@simulator.example"
        return [
            .alternativeName(
                CertificateExtension.Identifier.subjectAlternativeName, state: options.state, mail: mail),
            .alternativeName(
                CertificateExtension.Identifier.issuerAlternativeName, state: options.state, mail: mail),
            .crlDistributionPoint("http://simulator.example/csca.crl"),
        ]
    }

    /// Sixteen random bytes of which the first is positive, so that the number has one length (Doc 9303-12, 7.1.1).
    private static func newSerialNumber() throws(SimulatorError) -> [UInt8] {
        var serial = try mapping { () throws(CryptoError) in try Random.bytes(16) }
        serial[0] = serial[0] & 0x7F | 0x40
        return serial
    }
}
