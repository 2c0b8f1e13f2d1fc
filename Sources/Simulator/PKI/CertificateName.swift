import Document

/// The name of an issuer or a subject (RFC 5280, 4.1.2.4), one attribute to each relative name.
public struct CertificateName: Equatable, Sendable {
    /// One attribute: type and value.
    public struct Attribute: Equatable, Sendable {
        /// The attribute's type.
        public var type: ObjectIdentifier
        /// The attribute's value.
        public var value: String
        /// Whether the value is written as PrintableString; otherwise as UTF8String.
        public var isPrintable: Bool

        /// - Parameters:
        ///   - type: The attribute's type.
        ///   - value: The attribute's value.
        ///   - isPrintable: Whether it is written as PrintableString; otherwise as UTF8String.
        public init(_ type: ObjectIdentifier, _ value: String, isPrintable: Bool = false) {
            self.type = type
            self.value = value
            self.isPrintable = isPrintable
        }
    }

    /// `Name` in DER.
    public let encoded: [UInt8]

    /// - Parameter encoded: `Name` in DER, as another certificate has it.
    public init(encoded: [UInt8]) { self.encoded = encoded }

    /// - Parameter attributes: The attributes in the order in which the certificate has them.
    public init(attributes: [Attribute]) {
        encoded = DER.sequence(
            attributes.map { attribute in
                let value =
                    attribute.isPrintable ? DER.printableString(attribute.value) : DER.utf8String(attribute.value)
                return DER.setOf([DER.sequence([attribute.type.encoded, value])])
            })
    }

    /// A name of Doc 9303-12's profile: country in upper case, organisation, common name.
    ///
    /// - Parameters:
    ///   - country: The two letters of ISO 3166-1.
    ///   - organisation: The issuing organisation.
    ///   - commonName: The name of this signer.
    public init(country: String, organisation: String, commonName: String) {
        self.init(attributes: [
            Attribute(Self.countryName, country, isPrintable: true),
            Attribute(Self.organisationName, organisation),
            Attribute(Self.commonName, commonName),
        ])
    }

    /// id-at-countryName.
    public static let countryName = ObjectIdentifier([2, 5, 4, 6])
    /// id-at-organizationName.
    public static let organisationName = ObjectIdentifier([2, 5, 4, 10])
    /// id-at-commonName.
    public static let commonName = ObjectIdentifier([2, 5, 4, 3])
    /// id-at-localityName, which Doc 9303-12 puts the three-letter code of the State into.
    public static let localityName = ObjectIdentifier([2, 5, 4, 7])
}
